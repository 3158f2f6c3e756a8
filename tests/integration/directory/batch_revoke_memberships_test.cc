#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/integration/invitations/race.h"
#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::BatchRevocation;
using model::Reason;
using model::Role;

class BatchRevokeMembershipsTest : public MembersTest {
 protected:
  using Revoked = absl::StatusOr<directory::BatchRevoked>;

  BatchRevocation Of(const std::vector<model::UserId>& users) const {
    BatchRevocation revocation{world.acme, {}};
    for (const model::UserId& user : users) revocation.names.push_back(Name(user));
    return revocation;
  }
  Revoked BatchBy(std::optional<model::UserId> caller, BatchRevocation revocation) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.directory.BatchRevokeMemberships(call, std::move(revocation)));
  }
  // "OK" or the reason of each row.
  static std::vector<std::string> Outcomes(const Revoked& revoked) {
    std::vector<std::string> outcomes;
    for (const auto& result : revoked->results) {
      const auto refusal = model::RefusalOf(result.status());
      outcomes.push_back(result.ok() ? "OK" : std::string(model::ReasonName(refusal->reason)));
    }
    return outcomes;
  }
  std::string Members() const {
    return world.database.Value(
        absl::StrCat("SELECT count(*) FROM usher.memberships WHERE organization_id = '",
                     model::FormatUuid(world.acme.uuid()), "'"));
  }
};

TEST_F(BatchRevokeMembershipsTest, AnswersEachRowInTheOrderOfTheRows) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::UserId eve = Join("eve@example.com", Role::kHelpdesk);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  BatchRevocation revocation = Of({eve, birch.first_super_user, ben, ben});
  revocation.names.push_back({world.acme, std::nullopt, "eve@example.com"});
  revocation.names.push_back({world.acme, std::nullopt, "nobody@example.com"});

  const Revoked revoked = BatchBy(world.ann, revocation);

  ASSERT_THAT(revoked, IsOk());
  EXPECT_THAT(Outcomes(revoked),
              testing::ElementsAre("OK", "MEMBERSHIP_NOT_FOUND", "OK", "MEMBERSHIP_NOT_FOUND",
                                   "MEMBERSHIP_NOT_FOUND", "MEMBERSHIP_NOT_FOUND"));
  EXPECT_EQ(revoked->results[0]->role, Role::kHelpdesk);
  EXPECT_EQ(revoked->results[2]->user.email, "ben@example.com");
  EXPECT_NE(revoked->position, "");
  EXPECT_EQ(Events("membership.revoked").size(), 2U);
  EXPECT_EQ(Members(), "1");
}

TEST_F(BatchRevokeMembershipsTest, R27OfAllSuperUsersTheOneNamedLastStays) {
  const model::UserId ben = JoinSuperUser("ben@example.com");
  const model::UserId eve = JoinSuperUser("eve@example.com");
  SetMembership("end_time = usher.now() + interval '1 day'", eve);

  const Revoked revoked = BatchBy(world.ann, Of({ben, eve, world.ann, world.ann}));

  EXPECT_THAT(Outcomes(revoked),
              testing::ElementsAre("OK", "OK", "LAST_SUPER_USER", "LAST_SUPER_USER"));
  EXPECT_EQ(SuperUsers(), "1");
}

TEST_F(BatchRevokeMembershipsTest, R27TwoBatchesOfAllSuperUsersAtOnceLeaveOne) {
  std::vector<model::UserId> people{world.ann};
  for (int i = 0; i < 5; ++i) people.push_back(JoinSuperUser(absl::StrCat("s", i, "@example.com")));
  std::vector<model::UserId> turned(people.rbegin(), people.rend());
  const model::Call call = world.CallBy();

  const auto [one, other] = Race(world, 0, world.directory.BatchRevokeMemberships(call, Of(people)),
                                 world.directory.BatchRevokeMemberships(call, Of(turned)));

  EXPECT_THAT(one, IsOk());
  EXPECT_THAT(other, IsOk());
  EXPECT_EQ(SuperUsers(), "1");
}

TEST_F(BatchRevokeMembershipsTest, AThousandMembersGoInOneCall) {
  world.database.Query(R"(
    WITH people AS (
      INSERT INTO usher.users (id, email, email_key, first_name, last_name, create_time,
                               update_time)
      SELECT gen_random_uuid(), n || '@example.com', n || '@example.com', 'P', '', now(), now()
      FROM generate_series(1, 999) n RETURNING id)
    INSERT INTO usher.memberships (organization_id, user_id, role, site_access, create_time,
                                   update_time)
    SELECT o.id, p.id, 3, 1, now(), now() FROM people p, usher.organizations o)");
  BatchRevocation revocation = Of({});
  for (int i = 1; i < 1000; ++i) {
    revocation.names.push_back({world.acme, std::nullopt, absl::StrCat(i, "@example.com")});
  }
  revocation.names.push_back(Name(world.ann));

  const Revoked revoked = BatchBy(world.ann, revocation);

  ASSERT_EQ(revoked->results.size(), 1000U);
  EXPECT_EQ(Outcomes(revoked).back(), "LAST_SUPER_USER");
  EXPECT_EQ(Members(), "1");
}

TEST_F(BatchRevokeMembershipsTest, IsForThoseWhoMayWriteMembersOfTheOrganization) {
  const model::UserId sue = Join("sue@example.com", Role::kSuperObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");

  EXPECT_THAT(BatchBy(sue, Of({sue})),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(BatchBy(birch.first_super_user, Of({sue})),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(Members(), "2");
  EXPECT_THAT(BatchBy(std::nullopt, Of({sue})), IsOk());
}

}  // namespace
}  // namespace usher::test
