#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::InvitationState;
using model::Reason;
using model::Role;

using RevokeMembershipTest = MembersTest;
using LeaveOrganizationTest = MembersTest;

TEST_F(RevokeMembershipTest, EndsThisMembershipAndKeepsUserAndOthers) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "ben@example.com");

  const auto revoked = Revoke(ben);

  ASSERT_THAT(revoked, IsOk());
  EXPECT_EQ(revoked->membership.user.id, ben);
  EXPECT_EQ(revoked->membership.role, Role::kObserver);
  EXPECT_EQ(birch.first_super_user, ben);
  EXPECT_EQ(Value("count(*)", ben), "1");
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.users"), "2");
}

TEST_F(RevokeMembershipTest, SuspendedAndEndedOnesMayBeRevoked) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::UserId eve = Join("eve@example.com", Role::kObserver);
  SetMembership("status = 2", ben);
  SetMembership("end_time = usher.now()", eve);

  EXPECT_THAT(Revoke(ben), IsOk());
  EXPECT_TRUE(Revoke(eve)->membership.ended);
}

TEST_F(RevokeMembershipTest, OneEventTellsWhatEnded) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);

  ASSERT_THAT(Revoke(ben), IsOk());

  const auto events = Events("membership.revoked");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events[0], testing::HasSubstr(R"("role": 3)"));
  EXPECT_THAT(Revoke(ben), Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
  EXPECT_EQ(Events("membership.revoked").size(), 1U);
}

TEST_F(RevokeMembershipTest, R05RemovedPersonCanBeInvitedAgainAnyNumberOfTimes) {
  std::vector<model::InvitationId> ids;
  model::UserId uma;
  for (const Role role : {Role::kObserver, Role::kHelpdesk, Role::kReporting}) {
    auto draft = world.Draft("uma@example.com");
    draft.role = role;
    const auto created = world.Invite(draft);
    ASSERT_THAT(created, IsOk());
    ids.push_back(created->invitation.id);
    uma = world.Accept(world.TokenOf(created->invitation), World::Person("uma@example.com"))
              ->membership.user.id;
    if (role != Role::kReporting) {
      ASSERT_THAT(Revoke(uma), IsOk());
    }
  }

  EXPECT_EQ(Value("role", uma), "5");
  EXPECT_EQ(std::set<model::InvitationId>(ids.begin(), ids.end()).size(), 3U);
  for (const auto& id : ids) EXPECT_EQ(world.Get(id)->state, InvitationState::kAccepted);
}

TEST_F(RevokeMembershipTest, StaleEtagChangesNothing) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::Call call = world.CallBy(world.ann);
  const directory::MembershipChange stale{Name(ben), 7};

  EXPECT_THAT(world.Wait(world.directory.RevokeMembership(call, stale)),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_EQ(Value("count(*)", ben), "1");
}

TEST_F(RevokeMembershipTest, R27LastSuperUserCannotBeRevoked) {
  const model::UserId ben = JoinSuperUser("ben@example.com");
  ASSERT_THAT(Suspend(ben), IsOk());

  EXPECT_THAT(Revoke(world.ann), Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  ASSERT_THAT(Reactivate(ben), IsOk());
  EXPECT_THAT(Revoke(world.ann), IsOk());
  EXPECT_THAT(RevokeBy(std::nullopt, ben),
              Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
}

TEST_F(RevokeMembershipTest, OrganizationDoesNotExistForStrangersAndOthersLackTheRight) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId ben = Join("ben@example.com", Role::kObserver);

  EXPECT_THAT(RevokeBy(birch.first_super_user, ben),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(Revoke(birch.first_super_user),
              Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
  EXPECT_THAT(RevokeBy(ben, world.ann),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.memberships"), "3");
}

TEST_F(LeaveOrganizationTest, IsForEveryMemberAlsoSuspendedOnes) {
  const model::UserId ben = Join("ben@example.com", Role::kReporting);
  const model::UserId eve = Join("eve@example.com", Role::kObserver);
  ASSERT_THAT(Suspend(eve), IsOk());

  EXPECT_THAT(Leave(ben), IsOk());
  EXPECT_THAT(Leave(eve), IsOk());
  EXPECT_EQ(Events("membership.left").size(), 2U);
  EXPECT_THAT(Leave(ben), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(Events("membership.left").size(), 2U);
}

TEST_F(LeaveOrganizationTest, EndsOnlyTheOwnMembershipInThisOrganization) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::Call by_stranger = world.CallBy(birch.first_super_user);
  const model::Call by_ben = world.CallBy(ben);

  EXPECT_THAT(world.Wait(world.directory.LeaveOrganization(by_stranger, world.acme)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(world.Wait(world.directory.LeaveOrganization(by_ben, birch.organization.id)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.memberships"), "3");
}

TEST_F(LeaveOrganizationTest, R27LastSuperUserCannotLeave) {
  EXPECT_THAT(Leave(world.ann), Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  EXPECT_THAT(Events("membership.left"), testing::IsEmpty());
}

TEST_F(LeaveOrganizationTest, R27OfTwoSuperUsersWhoLeaveAtOnceOneStays) {
  for (int round = 0; round < 50; ++round) {
    const auto birch = world.AddOrganization(absl::StrCat("B", round), "bo@example.com");
    const model::OrganizationId in = birch.organization.id;
    world.database.Query(absl::StrCat(
        "INSERT INTO usher.memberships (organization_id, user_id, role, site_access, create_time,"
        " update_time) VALUES ('",
        model::FormatUuid(in.uuid()), "', '", model::FormatUuid(world.ann.uuid()),
        "', 1, 1, usher.now(), usher.now())"));
    const model::Call by_ann = world.CallBy(world.ann);
    const model::Call by_bo = world.CallBy(birch.first_super_user);
    std::vector<async::Task<absl::StatusOr<std::string>>> tasks;
    tasks.push_back(world.directory.LeaveOrganization(by_ann, in));
    tasks.push_back(world.directory.LeaveOrganization(by_bo, in));

    const auto answers = world.WaitAll(std::move(tasks));

    EXPECT_NE(answers[0].ok(), answers[1].ok());
    for (const auto& answer : answers) {
      if (answer.ok()) continue;
      EXPECT_THAT(answer, Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
    }
  }
}

}  // namespace
}  // namespace usher::test
