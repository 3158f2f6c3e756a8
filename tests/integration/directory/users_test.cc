#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::UserQuery;
using directory::UserWithMemberships;
using model::Reason;
using model::Role;

class UsersTest : public MembersTest {
 protected:
  absl::StatusOr<UserWithMemberships> Get(std::optional<model::UserId> caller, UserQuery query) {
    query.with_memberships = true;
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.directory.GetUser(call, std::move(query)));
  }
  static UserQuery By(model::UserId id,
                      std::optional<model::OrganizationId> organization = std::nullopt) {
    UserQuery query;
    query.name.id = id;
    query.organization = organization;
    return query;
  }
  static UserQuery ByEmail(const std::string& email_key) {
    UserQuery query;
    query.name.email_key = email_key;
    return query;
  }
  static std::vector<std::string> Organizations(const UserWithMemberships& user) {
    std::vector<std::string> names;
    for (const auto& membership : user.memberships) names.push_back(membership.organization_name);
    return names;
  }
};

TEST_F(UsersTest, ServiceFindsAnyUserByIdAddressOrIdentity) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  world.database.Query(absl::StrCat(
      "INSERT INTO usher.user_identities (issuer, subject, user_id, create_time) VALUES"
      " ('https://id.example.com', 'b1', '",
      model::FormatUuid(ben.uuid()), "', usher.now())"));
  UserQuery by_identity;
  by_identity.name.identity = directory::Identity{"https://id.example.com", "b1"};
  UserQuery by_other;
  by_other.name.identity = directory::Identity{"https://id.example.com", "B1"};

  EXPECT_EQ(Get(std::nullopt, By(ben))->user.email, "ben@example.com");
  EXPECT_EQ(Get(std::nullopt, ByEmail("ben@example.com"))->user.id, ben);
  EXPECT_EQ(Get(std::nullopt, by_identity)->user.identities[0].subject, "b1");
  EXPECT_THAT(Get(std::nullopt, by_other), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

TEST_F(UsersTest, MembershipsComeInTheOrderOfOrganizationNames) {
  world.AddOrganization("birch", "ann@example.com");
  world.AddOrganization("Aspen", "ann@example.com");

  EXPECT_THAT(Organizations(*Get(std::nullopt, By(world.ann))),
              testing::ElementsAre("Acme", "Aspen", "birch"));
}

TEST_F(UsersTest, SuperUserSeesMembersByTheOrganizationAndOnlyTheMembershipInIt) {
  const auto birch = world.AddOrganization("Birch", "ben@example.com");
  const model::UserId ben = Join("ben@example.com", Role::kObserver);

  const auto seen = Get(world.ann, By(ben, world.acme));

  ASSERT_THAT(seen, IsOk());
  EXPECT_THAT(Organizations(*seen), testing::ElementsAre("Acme"));
  EXPECT_TRUE(seen->user.identities.empty());
  EXPECT_THAT(Get(world.ann, By(ben)), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
  EXPECT_THAT(Get(world.ann, By(ben, birch.organization.id)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(UsersTest, OthersAreUnknownToWhoMayNotSeeThem) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");

  EXPECT_THAT(Get(ben, By(ben)), IsOk());
  EXPECT_THAT(Get(ben, By(world.ann, world.acme)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(Get(world.ann, By(birch.first_super_user, world.acme)),
              Refused(StatusCode::kNotFound, Reason::kUserNotFound));
  EXPECT_THAT(Get(world.ann, ByEmail("nobody@example.com")),
              Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

TEST_F(UsersTest, SelfHasAllMembershipsWhateverTheirStatus) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  world.AddOrganization("Birch", "ben@example.com");
  SetMembership("status = 2", ben);
  model::Call no_account = world.CallBy();
  no_account.caller.kind = model::Caller::Kind::kUser;
  const model::Call by_ben = world.CallBy(ben);

  EXPECT_EQ(world.Wait(world.directory.GetSelf(by_ben))->memberships.size(), 2U);
  EXPECT_THAT(world.Wait(world.directory.GetSelf(no_account)),
              Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

TEST_F(UsersTest, BatchAnswersInOrderAndLeavesOutWhomTheCallerMayNotSee) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  directory::BatchUsersQuery query;
  query.organization = world.acme;
  query.names = {{birch.first_super_user, std::nullopt, std::nullopt},
                 {std::nullopt, "ben@example.com", std::nullopt},
                 {std::nullopt, "nobody@example.com", std::nullopt},
                 {world.ann, std::nullopt, std::nullopt}};
  const auto seen_by = [&](std::optional<model::UserId> caller) {
    const model::Call call = world.CallBy(caller);
    const auto users = world.Wait(world.directory.BatchGetUsers(call, query));
    std::string seen;
    for (const auto& user : *users) absl::StrAppend(&seen, user ? user->email : "-", " ");
    return seen;
  };

  EXPECT_EQ(seen_by(std::nullopt), "bo@example.com ben@example.com - ann@example.com ");
  EXPECT_EQ(seen_by(world.ann), "- ben@example.com - ann@example.com ");
  EXPECT_EQ(seen_by(ben), "- ben@example.com - - ");
  EXPECT_EQ(seen_by(birch.first_super_user), "bo@example.com - - - ");
}

}  // namespace
}  // namespace usher::test
