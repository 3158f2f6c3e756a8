#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Invitation;
using invitations::InvitationChange;
using invitations::Renewal;
using model::InvitationState;
using model::Reason;
using model::Role;
using model::SiteAccess;

class UpdateTest : public testing::Test {
 protected:
  Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  Renewal Of(const Invitation& invitation) const {
    Renewal renewal;
    renewal.organization = world.acme;
    renewal.id = invitation.id;
    return renewal;
  }
  absl::StatusOr<invitations::RenewedInvitation> Update(const Invitation& invitation,
                                                        InvitationChange change) {
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.invitations.Update(call, Of(invitation), std::move(change)));
  }
  static InvitationChange To(Role role) {
    InvitationChange change;
    change.role = role;
    return change;
  }
  static InvitationChange To(SiteAccess access) {
    InvitationChange change;
    change.access = std::move(access);
    return change;
  }

  World world;
};

TEST_F(UpdateTest, R20ExpiredOneIsPendingAgainForSevenDays) {
  const Invitation invitation = Invited("lea@example.com");
  world.database.MoveClock(absl::Hours(8 * 24));

  const auto updated = Update(invitation, To(Role::kHelpdesk));

  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->invitation.state, InvitationState::kPending);
  EXPECT_EQ(updated->invitation.expire_time - updated->invitation.update_time, absl::Hours(168));
  world.database.MoveClock(absl::Hours(15 * 24) - absl::Minutes(1));
  const auto accepted =
      world.Accept(world.TokenOf(updated->invitation), World::Person("lea@example.com"));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->membership.role, Role::kHelpdesk);
}

TEST_F(UpdateTest, ChangesTheSiteAccessAndKeepsTheRole) {
  const Invitation invitation = Invited("lea@example.com");

  for (const SiteAccess& access : {*SiteAccess::Sites({world.sites[1]}),
                                   *SiteAccess::Groups({world.group}), SiteAccess::All()}) {
    ASSERT_THAT(Update(invitation, To(access)), IsOk());
    const auto read = world.Get(invitation.id);
    EXPECT_EQ(read->access, access);
    EXPECT_EQ(read->role, invitation.role);
  }
}

TEST_F(UpdateTest, ChangesTheRoleAndKeepsTheSiteAccess) {
  auto draft = world.Draft("lea@example.com");
  draft.access = *SiteAccess::Groups({world.group});
  const Invitation invitation = world.Invite(draft)->invitation;

  ASSERT_THAT(Update(invitation, To(Role::kReporting)), IsOk());

  const auto read = world.Get(invitation.id);
  EXPECT_EQ(read->role, Role::kReporting);
  EXPECT_EQ(read->access, draft.access);
}

TEST_F(UpdateTest, WritesOneEventWithWhatWasAndWhatIs) {
  const Invitation invitation = Invited("lea@example.com");

  ASSERT_THAT(Update(invitation, To(Role::kHelpdesk)), IsOk());

  EXPECT_THAT(world.database.Query("SELECT (before->>'role') || ' ' || (after->>'role') || ' ' || "
                                   "(before->>'generation') || ' ' || (after->>'generation') "
                                   "FROM usher.events WHERE type = 'invitation.updated'"),
              testing::ElementsAre("3 4 1 2"));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.mails WHERE state = 1"), "1");
}

TEST_F(UpdateTest, NamesEverySiteThatTheOrganizationDoesNotHave) {
  const Invitation invitation = Invited("lea@example.com");
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(other.organization.id, "Oslo");

  const auto refused = Update(invitation, To(*SiteAccess::Sites({world.sites[0], foreign})));

  ASSERT_THAT(refused, Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  const auto refusal = model::RefusalOf(refused.status());
  ASSERT_EQ(refusal->fields.size(), 1U);
  EXPECT_THAT(refusal->fields[0].field, testing::StartsWith("invitation.site_access.site_ids["));
  EXPECT_EQ(world.Get(invitation.id)->revision, invitation.revision);
}

TEST_F(UpdateTest, R21AcceptedOneIsRefused) {
  const Invitation invitation = Invited("lea@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(invitation), World::Person("lea@example.com")), IsOk());

  EXPECT_THAT(Update(invitation, To(Role::kHelpdesk)),
              Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
}

TEST_F(UpdateTest, R22OnlyTheNewestLinkWorks) {
  auto draft = world.Draft("lea@example.com");
  draft.role = Role::kHelpdesk;
  const Invitation a = world.Invite(draft)->invitation;
  const model::Call call = world.CallBy(world.ann);
  const Invitation b = world.Wait(world.invitations.Reinvite(call, Of(a)))->invitation;
  const Invitation c = Update(a, To(Role::kObserver))->invitation;
  const auto person = World::Person("lea@example.com");

  EXPECT_THAT(world.Wait(world.invitations.Preview(call, world.TokenOf(a))),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(world.Accept(world.TokenOf(b), person),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(world.Wait(world.invitations.Decline(call, world.TokenOf(a), person)),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_EQ(world.Get(a.id)->state, InvitationState::kPending);

  const auto accepted = world.Accept(world.TokenOf(c), person);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->membership.role, Role::kObserver);
}

}  // namespace
}  // namespace usher::test
