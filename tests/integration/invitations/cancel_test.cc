#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/invitations/race.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::CanceledInvitation;
using invitations::Cancellation;
using invitations::Invitation;
using model::InvitationState;
using model::Reason;
using testing::ElementsAre;
using testing::Pair;

class CancelTest : public testing::Test {
 protected:
  Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  Cancellation Of(model::InvitationId id) const {
    return Cancellation{world.acme, id, std::nullopt, std::nullopt};
  }
  Cancellation Of(const std::string& email_key) const {
    return Cancellation{world.acme, std::nullopt, email_key, std::nullopt};
  }
  absl::StatusOr<CanceledInvitation> Cancel(Cancellation cancellation) {
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.invitations.Cancel(call, std::move(cancellation)));
  }
  std::string Events() {
    return world.database.Value(
        "SELECT count(*) FROM usher.events WHERE type = 'invitation.canceled'");
  }

  World world;
};

TEST_F(CancelTest, EndsTheLinkAndWithdrawsTheMail) {
  const Invitation invitation = Invited("kai@example.com");

  const auto canceled = Cancel(Of(invitation.id));

  ASSERT_THAT(canceled, IsOk());
  EXPECT_EQ(canceled->invitation.state, InvitationState::kCanceled);
  EXPECT_TRUE(canceled->invitation.cancel_time.has_value());
  EXPECT_EQ(canceled->invitation.inviter_name, "Ann Example");
  EXPECT_NE(canceled->position, "");
  EXPECT_EQ(world.database.Value("SELECT state FROM usher.mails"), "4");
  EXPECT_EQ(Events(), "1");
  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("kai@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
}

TEST_F(CancelTest, RepeatedItAnswersTheSameAndChangesNothing) {
  const Invitation invitation = Invited("kai@example.com");
  Cancellation cancellation = Of(invitation.id);
  cancellation.revision = invitation.revision;
  const auto first = Cancel(cancellation);
  ASSERT_THAT(first, IsOk());
  world.database.MoveClock(absl::Minutes(1));

  const auto again = Cancel(cancellation);

  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->invitation.revision, first->invitation.revision);
  EXPECT_EQ(again->invitation.cancel_time, first->invitation.cancel_time);
  EXPECT_EQ(again->invitation.email, "kai@example.com");
  EXPECT_EQ(again->position, "");
  EXPECT_EQ(Events(), "1");
}

TEST_F(CancelTest, R03CanceledOneDoesNotStandInTheWay) {
  const Invitation first = Invited("kai@example.com");
  ASSERT_THAT(Cancel(Of(first.id)), IsOk());

  const auto second = world.Invite(world.Draft("kai@example.com"));

  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(world.Get(first.id)->state, InvitationState::kCanceled);
  EXPECT_EQ(world.Get(second->invitation.id)->state, InvitationState::kPending);
}

TEST_F(CancelTest, AnAddressMeansItsNewestInvitation) {
  const Invitation expired = Invited("Kai@Example.com");
  world.database.MoveClock(absl::Hours(169));
  const Invitation newest = Invited("kai@example.com");
  Invited("other@example.com");

  const auto canceled = Cancel(Of("kai@example.com"));

  ASSERT_THAT(canceled, IsOk());
  EXPECT_EQ(canceled->invitation.id, newest.id);
  EXPECT_EQ(world.Get(expired.id)->state, InvitationState::kExpired);
  EXPECT_EQ(Cancel(Of("kai@example.com"))->invitation.id, newest.id);
  EXPECT_THAT(Cancel(Of("nobody@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
}

TEST_F(CancelTest, ExpiredOneCanBeCanceled) {
  const Invitation invitation = Invited("kai@example.com");
  world.database.MoveClock(absl::Hours(169));

  EXPECT_THAT(Cancel(Of(invitation.id)), IsOk());
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kCanceled);
}

TEST_F(CancelTest, AcceptedOrDeclinedOneIsRefused) {
  const Invitation accepted = Invited("a@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("a@example.com")), IsOk());
  const Invitation declined = Invited("b@example.com");
  const model::Call call = world.CallBy();
  ASSERT_THAT(world.Wait(world.invitations.Decline(call, world.TokenOf(declined),
                                                   World::Person("b@example.com"))),
              IsOk());

  const auto first = Cancel(Of(accepted.id));
  const auto second = Cancel(Of(declined.id));

  ASSERT_THAT(first, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(first.status())->metadata, ElementsAre(Pair("state", "ACCEPTED")));
  ASSERT_THAT(second, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(second.status())->metadata, ElementsAre(Pair("state", "DECLINED")));
  EXPECT_EQ(Events(), "0");
}

TEST_F(CancelTest, StaleEtagIsRefused) {
  const Invitation invitation = Invited("kai@example.com");
  Cancellation cancellation = Of(invitation.id);
  cancellation.revision = invitation.revision + 1;

  EXPECT_THAT(Cancel(cancellation), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
}

TEST_F(CancelTest, IsForThoseWhoMayInvite) {
  const Invitation invitation = Invited("kai@example.com");
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);
  Cancellation elsewhere = Of(invitation.id);
  elsewhere.organization = other.organization.id;
  Cancellation by_address = Of("kai@example.com");
  by_address.organization = other.organization.id;

  EXPECT_THAT(world.Wait(world.invitations.Cancel(by_observer, Of(invitation.id))),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.Cancel(by_stranger, Of(invitation.id))),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(world.Wait(world.invitations.Cancel(by_stranger, elsewhere)),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_THAT(world.Wait(world.invitations.Cancel(by_stranger, by_address)),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
}

TEST_F(CancelTest, RaceWithAnAcceptanceEndsAsIfOneCameFirst) {
  const model::Call service = world.CallBy();
  for (int round = 0; round < 20; ++round) {
    const std::string email = absl::StrCat("p", round, "@example.com");
    const Invitation invitation = Invited(email);
    auto accept =
        world.invitations.Accept(service, world.TokenOf(invitation), World::Person(email));
    auto cancel = world.invitations.Cancel(service, Of(invitation.id));

    const auto [accepted, canceled] = Race(world, round, std::move(accept), std::move(cancel));

    const std::string members = world.database.Value(
        absl::StrCat("SELECT count(*) FROM usher.memberships WHERE invitation_id = '",
                     model::FormatUuid(invitation.id.uuid()), "'"));
    if (accepted.ok()) {
      EXPECT_THAT(canceled, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
      EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kAccepted);
      EXPECT_EQ(members, "1");
    } else {
      EXPECT_THAT(accepted, Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
      EXPECT_THAT(canceled, IsOk());
      EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kCanceled);
      EXPECT_EQ(members, "0");
    }
  }
}

}  // namespace
}  // namespace usher::test
