#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/users.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::UserUpdate;
using model::Reason;

class UpdateUserTest : public UserChangesTest {
 protected:
  static UserUpdate OfName(model::UserId user, const std::string& first_name) {
    UserUpdate update;
    update.user = user;
    update.first_name = first_name;
    return update;
  }
  static UserUpdate OfEmail(model::UserId user, const std::string& email) {
    UserUpdate update;
    update.user = user;
    update.email = Address(email);
    return update;
  }
  model::Call SignedIn(model::UserId user, const std::string& email, bool verified = true) {
    model::Call call = world.CallBy(user);
    call.caller.email = Address(email);
    call.caller.email_verified = verified;
    return call;
  }
};

TEST_F(UpdateUserTest, ChangesWhatIsNamedAndTellsItInOneEvent) {
  const auto changed = Change(world.CallBy(world.ann), OfName(world.ann, "Anna"));
  const auto again = Change(world.CallBy(world.ann), OfName(world.ann, "Anna"));

  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->user.first_name, "Anna");
  EXPECT_EQ(changed->user.last_name, "Example");
  EXPECT_EQ(again->user.revision, changed->user.revision);
  EXPECT_THAT(Events("user.updated"),
              testing::ElementsAre(R"({"first_name": "Ann"} → {"first_name": "Anna"})"));
}

TEST_F(UpdateUserTest, UsersChangeOnlyThemselves) {
  const model::UserId ben = Join("ben@example.com", model::Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  model::Call no_account = world.CallBy();
  no_account.caller.kind = model::Caller::Kind::kUser;

  for (const model::Call& call :
       {world.CallBy(world.ann), world.CallBy(birch.first_super_user), no_account}) {
    EXPECT_THAT(Change(call, OfName(ben, "Benno")),
                Refused(StatusCode::kNotFound, Reason::kUserNotFound));
  }
  EXPECT_THAT(Change(world.CallBy(), OfName(ben, "Benno")), IsOk());
  EXPECT_THAT(Change(world.CallBy(), OfName(model::UserId(), "Benno")),
              Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

TEST_F(UpdateUserTest, UserMovesToTheAddressThatTheyProve) {
  const model::Call moved = SignedIn(world.ann, "ann@example.net");

  EXPECT_THAT(Change(world.CallBy(world.ann), OfEmail(world.ann, "ann@example.net")),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailUnverified));
  EXPECT_THAT(
      Change(SignedIn(world.ann, "ann@example.net", false), OfEmail(world.ann, "ann@example.net")),
      Refused(StatusCode::kPermissionDenied, Reason::kEmailUnverified));
  EXPECT_THAT(Change(SignedIn(world.ann, "ann@example.com"), OfEmail(world.ann, "ann@example.net")),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailMismatch));
  EXPECT_EQ(Change(moved, OfEmail(world.ann, "Ann@Example.net"))->user.email, "Ann@Example.net");
}

TEST_F(UpdateUserTest, R09OwnAddressInAnotherCaseNeedsNoProof) {
  const auto changed = Change(world.CallBy(world.ann), OfEmail(world.ann, "Ann@Example.com"));

  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->user.email, "Ann@Example.com");
}

TEST_F(UpdateUserTest, AddressAndIdentitiesOfOthersAreTaken) {
  const auto eve = Upsert(APerson("e1", "eve@example.com"))->user;
  UserUpdate identities;
  identities.user = world.ann;
  identities.identities = {{"https://id.example.com", "a1"}, {"https://id.example.com", "e1"}};

  EXPECT_THAT(Change(world.CallBy(), OfEmail(world.ann, "eve@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
  EXPECT_THAT(Change(world.CallBy(), identities),
              Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.user_identities"), "1");
}

TEST_F(UpdateUserTest, ServiceReplacesIdentitiesAsAWhole) {
  ASSERT_THAT(Upsert(APerson("a1", "ann@example.com")), IsOk());
  UserUpdate update;
  update.user = world.ann;
  update.identities = {{"https://id.example.com", "a2"}, {"https://id.example.com", "a3"}};

  EXPECT_THAT(SubjectsOf(Change(world.CallBy(), update)->user), testing::ElementsAre("a2", "a3"));
  EXPECT_EQ(Events("user.updated").size(), 2U);
  ASSERT_THAT(Change(world.CallBy(), update), IsOk());
  EXPECT_EQ(Events("user.updated").size(), 2U);
  update.identities->clear();
  EXPECT_THAT(SubjectsOf(Change(world.CallBy(), update)->user), testing::IsEmpty());
}

TEST_F(UpdateUserTest, StaleEtagIsRefused) {
  const auto first = Change(world.CallBy(), OfName(world.ann, "Anna"));
  UserUpdate update = OfName(world.ann, "Anne");
  update.revision = first->user.revision;

  EXPECT_THAT(Change(world.CallBy(), update), IsOk());
  EXPECT_THAT(Change(world.CallBy(), update), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
}

TEST_F(UpdateUserTest, OfTenWhoWantOneAddressAtOnceOneGetsIt) {
  std::vector<model::UserId> people;
  for (int i = 0; i < 10; ++i) {
    people.push_back(Create(ADraft(absl::StrCat("p", i, "@example.com")))->user.id);
  }
  const model::Call call = world.CallBy();
  std::vector<async::Task<Changed>> tasks;
  for (const auto& person : people) {
    tasks.push_back(world.directory.UpdateUser(call, OfEmail(person, "it@example.com")));
  }

  int moved = 0;
  for (const auto& answer : world.WaitAll(std::move(tasks))) {
    if (answer.ok()) ++moved;
    if (!answer.ok()) {
      EXPECT_THAT(answer, Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
    }
  }

  EXPECT_EQ(moved, 1);
}

}  // namespace
}  // namespace usher::test
