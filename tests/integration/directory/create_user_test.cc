#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/users.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;

using CreateUserTest = UserChangesTest;

TEST_F(CreateUserTest, MakesAnAccountWithItsIdentitiesAndOneEvent) {
  directory::NewUser draft = ADraft("Ben@Example.com");
  draft.identities = {{"https://id.example.com", "b1"}, {"https://id.example.com", "b2"}};

  const auto created = Create(draft);

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->user.email, "Ben@Example.com");
  EXPECT_THAT(SubjectsOf(created->user), testing::ElementsAre("b1", "b2"));
  const auto events = Events("user.created");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events[0], testing::HasSubstr(R"("email": "Ben@Example.com")"));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.memberships"), "1");
}

TEST_F(CreateUserTest, R09AddressOfAnotherUserIsTakenInWhateverCase) {
  EXPECT_THAT(Create(ADraft("ANN@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
  EXPECT_THAT(Events("user.created"), testing::IsEmpty());
}

TEST_F(CreateUserTest, IdentityOfAnotherUserIsTaken) {
  directory::NewUser draft = ADraft("ben@example.com");
  draft.identities = {{"https://id.example.com", "b1"}};
  ASSERT_THAT(Create(draft), IsOk());
  draft.email = Address("eve@example.com");

  EXPECT_THAT(Create(draft), Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
  EXPECT_EQ(Users(), "2");
}

TEST_F(CreateUserTest, OfTwentyAtOnceWithOneAddressOrOneIdentityOneIsMade) {
  const model::Call call = world.CallBy();
  std::vector<async::Task<Changed>> tasks;
  for (int i = 0; i < 20; ++i) {
    directory::NewUser draft =
        ADraft(i % 2 == 0 ? "ben@example.com" : absl::StrCat("ben", i, "@example.com"));
    draft.identities = {{"https://id.example.com", "b1"}};
    tasks.push_back(world.directory.CreateUser(call, draft));
  }

  int made = 0;
  for (const auto& answer : world.WaitAll(std::move(tasks))) {
    if (answer.ok()) {
      ++made;
    } else {
      EXPECT_THAT(answer, Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
    }
  }

  EXPECT_EQ(made, 1);
  EXPECT_EQ(Users(), "2");
}

TEST_F(CreateUserTest, PersonIsInvitedAndAcceptsWithTheAccountThatIsThere) {
  const auto created = Create(ADraft("ben@example.com"));

  EXPECT_EQ(world.Join(world.Draft("Ben@Example.com")), created->user.id);
}

}  // namespace
}  // namespace usher::test
