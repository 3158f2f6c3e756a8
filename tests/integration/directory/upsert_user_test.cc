#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/users.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;

using UpsertUserTest = UserChangesTest;

TEST_F(UpsertUserTest, NewPersonGetsAnAccountAndTheRepeatChangesNothing) {
  const auto created = Upsert(APerson("b1", "ben@example.com"));
  const auto again = Upsert(APerson("b1", "BEN@example.com"));

  ASSERT_THAT(created, IsOk());
  EXPECT_TRUE(created->created);
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->user.id, created->user.id);
  EXPECT_EQ(again->user.revision, created->user.revision);
  EXPECT_EQ(again->user.email, "ben@example.com");
  EXPECT_EQ(Events("user.created").size(), 1U);
  EXPECT_THAT(Events("user.updated"), testing::IsEmpty());
}

TEST_F(UpsertUserTest, PersonFoundByAddressGetsTheIdentityAndTheNamesThatAreKnown) {
  directory::KnownPerson person = APerson("a1", "ann@example.com");
  person.first_name = "Anna";
  person.last_name = "";

  const auto linked = Upsert(person);

  ASSERT_THAT(linked, IsOk());
  EXPECT_FALSE(linked->created);
  EXPECT_EQ(linked->user.id, world.ann);
  EXPECT_EQ(linked->user.first_name, "Anna");
  EXPECT_EQ(linked->user.last_name, "Example");
  EXPECT_THAT(SubjectsOf(linked->user), testing::ElementsAre("a1"));
  EXPECT_THAT(Events("user.updated"),
              testing::ElementsAre(testing::AllOf(testing::HasSubstr(R"("first_name": "Anna")"),
                                                  testing::Not(testing::HasSubstr("last_name")))));
}

TEST_F(UpsertUserTest, PersonFoundByIdentityMovesToTheNewAddress) {
  const auto created = Upsert(APerson("b1", "ben@example.com"));

  const auto moved = Upsert(APerson("b1", "ben@example.net"));

  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->user.id, created->user.id);
  EXPECT_EQ(moved->user.email, "ben@example.net");
  EXPECT_TRUE(Upsert(APerson("b2", "ben@example.com"))->created);
}

TEST_F(UpsertUserTest, AddressOfAPersonWithAnotherIdentityIsTaken) {
  ASSERT_THAT(Upsert(APerson("b1", "ben@example.com")), IsOk());
  ASSERT_THAT(Upsert(APerson("e1", "eve@example.com")), IsOk());
  directory::KnownPerson elsewhere = APerson("e1", "ben@example.com");
  elsewhere.identity.issuer = "https://other.example.com";

  EXPECT_THAT(Upsert(APerson("b2", "ben@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
  EXPECT_THAT(Upsert(APerson("e1", "ben@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kUserExists));
  EXPECT_THAT(Upsert(elsewhere), IsOk());
}

TEST_F(UpsertUserTest, NewPersonNeedsAFirstNameAndAKnownOneDoesNot) {
  directory::KnownPerson person = APerson("b1", "ben@example.com");
  person.first_name = "";

  const auto refused = Upsert(person);

  ASSERT_THAT(refused, Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_EQ(model::RefusalOf(refused.status())->fields[0].field, "first_name");
  ASSERT_THAT(Upsert(APerson("b1", "ben@example.com")), IsOk());
  EXPECT_EQ(Upsert(person)->user.first_name, "Given");
}

TEST_F(UpsertUserTest, UserHasAtMostTwentyIdentities) {
  directory::KnownPerson person = APerson("a1", "ann@example.com");
  for (int i = 0; i < 20; ++i) {
    person.identity.issuer = absl::StrCat("https://", i, ".example.com");
    ASSERT_THAT(Upsert(person), IsOk());
  }
  ASSERT_THAT(Upsert(person), IsOk());
  person.identity.issuer = "https://one.more.example.com";

  EXPECT_THAT(Upsert(person), Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
}

TEST_F(UpsertUserTest, SignInIsAnAccessToWithinAnHour) {
  const auto first = Upsert(APerson("b1", "ben@example.com"))->user;
  const auto soon = Upsert(APerson("b1", "ben@example.com"))->user;
  world.database.MoveClock(absl::Hours(2));
  const auto later = Upsert(APerson("b1", "ben@example.com"))->user;

  ASSERT_TRUE(first.last_access_time);
  EXPECT_EQ(soon.last_access_time, first.last_access_time);
  EXPECT_GT(*later.last_access_time, *first.last_access_time + absl::Hours(1));
  EXPECT_EQ(later.revision, first.revision);
  EXPECT_EQ(later.update_time, first.update_time);
}

TEST_F(UpsertUserTest, TwentySignInsOfOnePersonAtOnceEndWithOneUser) {
  const model::Call call = world.CallBy();
  for (int round = 0; round < 10; ++round) {
    std::vector<async::Task<Changed>> tasks;
    for (int i = 0; i < 20; ++i) {
      tasks.push_back(world.directory.UpsertUser(
          call, APerson(absl::StrCat("b", round), absl::StrCat("ben", round, "@example.com"))));
    }

    std::set<model::UserId> users;
    int created = 0;
    for (const auto& answer : world.WaitAll(std::move(tasks))) {
      ASSERT_THAT(answer, IsOk());
      users.insert(answer->user.id);
      if (answer->created) ++created;
    }

    EXPECT_EQ(users.size(), 1U);
    EXPECT_EQ(created, 1);
  }
}

TEST_F(UpsertUserTest, OneIdentityWithManyAddressesAtOnceIsOneUser) {
  const model::Call call = world.CallBy();
  std::vector<async::Task<Changed>> tasks;
  for (int i = 0; i < 12; ++i) {
    tasks.push_back(world.directory.UpsertUser(
        call, APerson("b1", absl::StrCat("ben", i % 4, "@example.com"))));
  }

  std::set<model::UserId> users;
  for (const auto& answer : world.WaitAll(std::move(tasks))) {
    if (answer.ok()) users.insert(answer->user.id);
  }

  EXPECT_EQ(users.size(), 1U);
  EXPECT_EQ(Users(), "2");
}

}  // namespace
}  // namespace usher::test
