#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/invitations/race.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Invitation;
using invitations::Renewal;
using invitations::RenewedInvitation;
using model::InvitationState;
using model::Reason;
using testing::ElementsAre;
using testing::Pair;

class ReinviteTest : public testing::Test {
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
  absl::StatusOr<RenewedInvitation> Reinvite(Renewal renewal) {
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.invitations.Reinvite(call, std::move(renewal)));
  }
  void Decline(const Invitation& invitation) {
    const model::Call call = world.CallBy();
    ASSERT_THAT(world.Wait(world.invitations.Decline(call, world.TokenOf(invitation),
                                                     World::Person(invitation.email))),
                IsOk());
  }
  void Cancel(const Invitation& invitation) {
    const model::Call call = world.CallBy(world.ann);
    invitations::Cancellation cancellation{world.acme, invitation.id, std::nullopt, std::nullopt};
    ASSERT_THAT(world.Wait(world.invitations.Cancel(call, std::move(cancellation))), IsOk());
  }
  std::vector<std::string> Events(const std::string& type) {
    return world.database.Query(
        absl::StrCat("SELECT id FROM usher.events WHERE type = '", type, "'"));
  }
  std::vector<std::string> MailStates() {
    return world.database.Query("SELECT state FROM usher.mails ORDER BY generation");
  }

  World world;
};

TEST_F(ReinviteTest, OneForASiteThatIsGoneNeedsAnotherSiteAccess) {
  auto draft = world.Draft("lea@example.com");
  draft.access = *model::SiteAccess::Sites({world.sites[1]});
  const Invitation invitation = world.Invite(std::move(draft))->invitation;
  world.database.MoveClock(absl::Hours(8 * 24));
  const model::Call call = world.CallBy(world.ann);
  organizations::SiteDeletion deletion{world.acme, world.sites[1], std::nullopt};
  ASSERT_THAT(world.Wait(world.organizations.DeleteSite(call, deletion)), IsOk());

  EXPECT_THAT(Reinvite(Of(invitation)),
              Refused(StatusCode::kFailedPrecondition, Reason::kSiteNotFound));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kExpired);
  invitations::InvitationChange elsewhere;
  elsewhere.access = *model::SiteAccess::Sites({world.sites[0]});
  const auto updated =
      world.Wait(world.invitations.Update(call, Of(invitation), std::move(elsewhere)));
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(Reinvite(Of(updated->invitation)), IsOk());
}

TEST_F(ReinviteTest, R20ExpiredOneIsPendingAgainForSevenDays) {
  const Invitation invitation = Invited("lea@example.com");
  world.database.MoveClock(absl::Hours(8 * 24));
  ASSERT_EQ(world.Get(invitation.id)->state, InvitationState::kExpired);

  const auto renewed = Reinvite(Of(invitation));

  ASSERT_THAT(renewed, IsOk());
  EXPECT_EQ(renewed->invitation.state, InvitationState::kPending);
  EXPECT_EQ(renewed->invitation.expire_time - renewed->invitation.update_time, absl::Hours(168));
  EXPECT_EQ(renewed->invitation.generation, 2);
  EXPECT_EQ(renewed->invitation.revision, invitation.revision + 1);
  EXPECT_EQ(renewed->token, "");
  EXPECT_NE(renewed->position, "");
  EXPECT_EQ(world.Get(invitation.id)->expire_time, renewed->invitation.expire_time);

  world.database.MoveClock(absl::Hours(15 * 24) - absl::Minutes(1));
  EXPECT_THAT(world.Accept(world.TokenOf(renewed->invitation), World::Person("lea@example.com")),
              IsOk());
}

TEST_F(ReinviteTest, R04ExpiredOneStaysTheOnlyRow) {
  const Invitation invitation = Invited("mo@example.com");
  world.database.MoveClock(absl::Hours(169));

  ASSERT_THAT(Reinvite(Of(invitation)), IsOk());

  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations"), "1");
  EXPECT_THAT(world.Invite(world.Draft("mo@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
}

TEST_F(ReinviteTest, KeepsEverythingElseAndTheInviter) {
  auto draft = world.Draft("lea@example.com");
  draft.access = *model::SiteAccess::Sites({world.sites[1]});
  draft.note = "Hello";
  draft.metadata = {{"team", "north"}};
  const Invitation before = world.Invite(draft)->invitation;
  const model::Call by_service = world.CallBy();

  const auto renewed = world.Wait(world.invitations.Reinvite(by_service, Of(before)));

  ASSERT_THAT(renewed, IsOk());
  const Invitation& after = renewed->invitation;
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.role, before.role);
  EXPECT_EQ(after.access, before.access);
  EXPECT_EQ(after.note, before.note);
  EXPECT_EQ(after.metadata, before.metadata);
  EXPECT_EQ(after.inviter, world.ann);
  EXPECT_EQ(after.inviter_name, "Ann Example");
  EXPECT_EQ(after.create_time, before.create_time);
}

TEST_F(ReinviteTest, QueuesOneMailAndWithdrawsTheOneThatWaits) {
  const Invitation invitation = Invited("lea@example.com");
  world.database.Query(
      "UPDATE usher.invitations SET delivery = 4, delivery_code = 550, delivery_attempts = 3, "
      "delivery_detail = 'no', sent_time = usher.now()");

  const auto renewed = Reinvite(Of(invitation));

  ASSERT_THAT(renewed, IsOk());
  EXPECT_THAT(MailStates(), ElementsAre("4", "1"));
  EXPECT_EQ(Events("invitation.reinvited").size(), 1U);
  const invitations::Delivery& delivery = renewed->invitation.delivery;
  EXPECT_EQ(delivery.state, model::DeliveryState::kQueued);
  EXPECT_EQ(delivery.code, 0);
  EXPECT_EQ(delivery.detail, "");
  EXPECT_EQ(delivery.attempts, 0);
  EXPECT_EQ(delivery.sent_time, std::nullopt);
}

TEST_F(ReinviteTest, R21ClearsTheMarksOfADecline) {
  const Invitation invitation = Invited("lea@example.com");
  Decline(invitation);

  const auto renewed = Reinvite(Of(invitation));

  ASSERT_THAT(renewed, IsOk());
  const auto read = world.Get(invitation.id);
  EXPECT_EQ(read->state, InvitationState::kPending);
  EXPECT_EQ(read->decline_time, std::nullopt);
  EXPECT_THAT(world.Accept(world.TokenOf(*read), World::Person("lea@example.com")), IsOk());
}

TEST_F(ReinviteTest, R21CanceledOneIsRefusedAndMailsNothing) {
  const Invitation invitation = Invited("lea@example.com");
  Cancel(invitation);
  const auto mails = MailStates();

  const auto refused = Reinvite(Of(invitation));

  ASSERT_THAT(refused, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(refused.status())->metadata, ElementsAre(Pair("state", "CANCELED")));
  EXPECT_EQ(MailStates(), mails);
  EXPECT_EQ(Events("invitation.reinvited").size(), 0U);
}

// RevokeMembership is not built yet; what it leaves is written by hand.
TEST_F(ReinviteTest, R05AcceptedOneStaysHistoryAfterTheMemberWasRemoved) {
  std::vector<Invitation> accepted;
  for (const model::Role role :
       {model::Role::kObserver, model::Role::kHelpdesk, model::Role::kReporting}) {
    world.database.Query("DELETE FROM usher.memberships WHERE invitation_id IS NOT NULL");
    auto draft = world.Draft("uma@example.com");
    draft.role = role;
    accepted.push_back(world.Invite(draft)->invitation);
    ASSERT_THAT(world.Accept(world.TokenOf(accepted.back()), World::Person("uma@example.com")),
                IsOk());
  }

  const auto refused = Reinvite(Of(accepted[0]));

  ASSERT_THAT(refused, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(refused.status())->metadata, ElementsAre(Pair("state", "ACCEPTED")));
  for (const Invitation& invitation : accepted) {
    EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kAccepted);
  }
}

TEST_F(ReinviteTest, OneThatANewerReplacedIsRefused) {
  const Invitation expired = Invited("mo@example.com");
  world.database.MoveClock(absl::Hours(169));
  const Invitation newer = Invited("mo@example.com");

  const auto refused = Reinvite(Of(expired));

  ASSERT_THAT(refused, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(refused.status())->metadata, ElementsAre(Pair("state", "EXPIRED")));
  EXPECT_EQ(world.Get(newer.id)->generation, 1);
}

TEST_F(ReinviteTest, OneWhoseAddressBecameAMembersIsRefused) {
  const Invitation invitation = Invited("ann.lee@example.com");
  const model::UserId member = world.Join(world.Draft("other@example.com"));
  world.database.Query(
      "UPDATE usher.users SET email_key = 'ann.lee@example.com' "
      "WHERE email_key = 'other@example.com'");

  const auto refused = Reinvite(Of(invitation));

  ASSERT_THAT(refused, Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
  EXPECT_THAT(model::RefusalOf(refused.status())->metadata,
              ElementsAre(Pair("user_id", member.ToString())));
}

TEST_F(ReinviteTest, LastsAsLongAsTheCallSays) {
  const Invitation invitation = Invited("lea@example.com");
  Renewal by_lifetime = Of(invitation);
  by_lifetime.lifetime = absl::Hours(1);
  Renewal by_time = Of(invitation);
  by_time.expire_time = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now())) + absl::Hours(48);

  const auto first = Reinvite(by_lifetime);
  const auto second = Reinvite(by_time);

  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->invitation.expire_time - first->invitation.update_time, absl::Hours(1));
  EXPECT_EQ(second->invitation.expire_time, by_time.expire_time);
}

TEST_F(ReinviteTest, InstantsThatAreTooSoonOrTooLateAreRefused) {
  const Invitation invitation = Invited("lea@example.com");
  for (const absl::Duration from_now :
       {-absl::Hours(1), absl::Minutes(4), absl::Hours(24 * 365) + absl::Minutes(1)}) {
    Renewal renewal = Of(invitation);
    renewal.expire_time = absl::Now() + from_now;
    auto draft = world.Draft("new@example.com");
    draft.expire_time = renewal.expire_time;

    for (const absl::Status& status : {Reinvite(renewal).status(), world.Invite(draft).status()}) {
      ASSERT_THAT(status, Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
      EXPECT_EQ(model::RefusalOf(status)->fields[0].field, "expire_time");
    }
  }
  EXPECT_EQ(world.Get(invitation.id)->generation, 1);
}

TEST_F(ReinviteTest, StaleEtagIsRefused) {
  const Invitation invitation = Invited("lea@example.com");
  Renewal renewal = Of(invitation);
  renewal.revision = invitation.revision;

  EXPECT_THAT(Reinvite(renewal), IsOk());
  EXPECT_THAT(Reinvite(renewal), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_EQ(world.Get(invitation.id)->generation, 2);
}

TEST_F(ReinviteTest, IsForThoseWhoMayInvite) {
  const Invitation invitation = Invited("lea@example.com");
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);
  Renewal elsewhere = Of(invitation);
  elsewhere.organization = other.organization.id;

  EXPECT_THAT(world.Wait(world.invitations.Reinvite(by_observer, Of(invitation))),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.Reinvite(by_stranger, Of(invitation))),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(world.Wait(world.invitations.Reinvite(by_stranger, elsewhere)),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_EQ(world.Get(invitation.id)->generation, 1);
}

TEST_F(ReinviteTest, WithMailSwitchedOffTheNewTokenIsReturned) {
  const Invitation invitation = Invited("lea@example.com");
  Renewal renewal = Of(invitation);
  renewal.send_email = false;

  const auto renewed = Reinvite(renewal);

  ASSERT_THAT(renewed, IsOk());
  EXPECT_EQ(renewed->invitation.delivery.state, model::DeliveryState::kNone);
  EXPECT_THAT(MailStates(), ElementsAre("4"));
  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("lea@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(world.Accept(renewed->token, World::Person("lea@example.com")), IsOk());
}

// Whoever comes first: accepted by the old link and not renewed, or renewed and the old link dead.
TEST_F(ReinviteTest, RaceWithAnAcceptanceEndsAsIfOneCameFirst) {
  const model::Call service = world.CallBy();
  for (int round = 0; round < 20; ++round) {
    const std::string email = absl::StrCat("p", round, "@example.com");
    const Invitation invitation = Invited(email);
    auto accept =
        world.invitations.Accept(service, world.TokenOf(invitation), World::Person(email));
    auto reinvite = world.invitations.Reinvite(service, Of(invitation));

    const auto [accepted, reinvited] = Race(world, round, std::move(accept), std::move(reinvite));

    const Invitation after = *world.Get(invitation.id);
    if (accepted.ok()) {
      EXPECT_THAT(reinvited, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
      EXPECT_EQ(after.state, InvitationState::kAccepted);
      EXPECT_EQ(after.generation, 1);
    } else {
      EXPECT_THAT(accepted, Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
      EXPECT_THAT(reinvited, IsOk());
      EXPECT_EQ(after.state, InvitationState::kPending);
      EXPECT_EQ(after.generation, 2);
    }
  }
}

TEST(ReinviteWithoutMailerTest, R34TheNewTokenIsReturnedAndNoMailWaits) {
  World world(invitations::MailMode::kDisabled);
  const auto created = world.Invite(world.Draft("a@example.com"));
  const model::Call call = world.CallBy(world.ann);
  Renewal renewal;
  renewal.organization = world.acme;
  renewal.id = created->invitation.id;

  const auto renewed = world.Wait(world.invitations.Reinvite(call, renewal));

  ASSERT_THAT(renewed, IsOk());
  EXPECT_NE(renewed->token, created->token);
  EXPECT_EQ(renewed->invitation.delivery.state, model::DeliveryState::kDisabled);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.mails"), "0");
  EXPECT_THAT(world.Accept(renewed->token, World::Person("a@example.com")), IsOk());
}

}  // namespace
}  // namespace usher::test
