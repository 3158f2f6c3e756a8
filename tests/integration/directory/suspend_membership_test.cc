#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::AccessReason;
using model::MembershipStatus;
using model::Reason;
using model::Role;

class SuspendMembershipTest : public MembersTest {
 protected:
  AccessReason Check(model::UserId user) {
    const model::Call call = world.CallBy();
    directory::AccessQuestion question{user, world.acme, "monitoring.read", std::nullopt};
    return world.Wait(world.directory.CheckAccess(call, std::move(question)))->decision.reason;
  }
};

TEST_F(SuspendMembershipTest, SuspendedMemberHasNoRightsUntilReactivated) {
  const model::UserId ben = Join("ben@example.com", Role::kSuperObserver);

  const auto suspended = Suspend(ben);
  ASSERT_THAT(suspended, IsOk());
  EXPECT_EQ(suspended->membership.status, MembershipStatus::kSuspended);
  EXPECT_EQ(suspended->membership.role, Role::kSuperObserver);
  EXPECT_EQ(Check(ben), AccessReason::kSuspended);

  const auto reactivated = Reactivate(ben);
  ASSERT_THAT(reactivated, IsOk());
  EXPECT_EQ(reactivated->membership.status, MembershipStatus::kActive);
  EXPECT_EQ(reactivated->membership.revision, 3);
  EXPECT_EQ(Check(ben), AccessReason::kGrantedByRole);
}

TEST_F(SuspendMembershipTest, RepeatsAreOkAndWriteNoEvent) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);

  EXPECT_EQ(Reactivate(ben)->membership.revision, 1);
  ASSERT_THAT(Suspend(ben), IsOk());
  EXPECT_EQ(Suspend(ben)->membership.revision, 2);
  ASSERT_THAT(Reactivate(ben), IsOk());
  EXPECT_EQ(Reactivate(ben)->membership.revision, 3);

  EXPECT_THAT(Events("membership.suspended"),
              testing::ElementsAre(R"({"status": 1} → {"status": 2})"));
  EXPECT_THAT(Events("membership.reactivated"),
              testing::ElementsAre(R"({"status": 2} → {"status": 1})"));
}

TEST_F(SuspendMembershipTest, EndedMembershipIsInTheWrongState) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  SetMembership("end_time = usher.now()", ben);

  const auto suspended = Suspend(ben);

  ASSERT_THAT(suspended, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(suspended.status())->metadata,
              testing::ElementsAre(testing::Pair("state", "ENDED")));
  SetMembership("status = 2", ben);
  EXPECT_THAT(Reactivate(ben), Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
}

TEST_F(SuspendMembershipTest, StaleEtagChangesNothing) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::Call call = world.CallBy(world.ann);
  const directory::MembershipChange stale{Name(ben), 7};

  EXPECT_THAT(world.Wait(world.directory.SuspendMembership(call, stale)),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(world.Wait(world.directory.ReactivateMembership(call, stale)),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_EQ(Value("status", ben), "1");
}

TEST_F(SuspendMembershipTest, R27LastSuperUserCannotBeSuspended) {
  EXPECT_THAT(Suspend(world.ann), Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));

  const model::UserId ben = JoinSuperUser("ben@example.com");
  ASSERT_THAT(Suspend(ben), IsOk());
  EXPECT_THAT(Suspend(world.ann), Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  ASSERT_THAT(Reactivate(ben), IsOk());
  EXPECT_THAT(Suspend(world.ann), IsOk());
}

TEST_F(SuspendMembershipTest, R27TwoSuperUsersWhoSuspendEachOtherLeaveOne) {
  const model::UserId ben = JoinSuperUser("ben@example.com");
  const model::Call by_ann = world.CallBy(world.ann);
  const model::Call by_ben = world.CallBy(ben);
  for (int round = 0; round < 50; ++round) {
    directory::MembershipChange bens{Name(ben), std::nullopt};
    directory::MembershipChange anns{Name(world.ann), std::nullopt};
    std::vector<async::Task<Answer>> tasks;
    tasks.push_back(world.directory.SuspendMembership(by_ann, std::move(bens)));
    tasks.push_back(world.directory.SuspendMembership(by_ben, std::move(anns)));

    (void)world.WaitAll(std::move(tasks));

    ASSERT_EQ(SuperUsers(), "1");
    world.database.Query("UPDATE usher.memberships SET status = 1");
  }
}

TEST_F(SuspendMembershipTest, OrganizationDoesNotExistForStrangersAndOthersLackTheRight) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId ben = Join("ben@example.com", Role::kObserver);

  EXPECT_THAT(SuspendBy(birch.first_super_user, ben),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(ReactivateBy(birch.first_super_user, ben),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(Suspend(birch.first_super_user),
              Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
  EXPECT_THAT(Reactivate(birch.first_super_user),
              Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
  EXPECT_THAT(SuspendBy(ben, world.ann),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(ReactivateBy(ben, world.ann),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

}  // namespace
}  // namespace usher::test
