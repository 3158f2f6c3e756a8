#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/invitations/race.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Declination;
using invitations::Invitation;
using model::InvitationState;
using model::Reason;

class DeclineTest : public testing::Test {
 protected:
  Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  absl::StatusOr<Declination> Decline(const Invitation& invitation,
                                      const invitations::Accepter& person) {
    const model::Call call = world.CallBy();
    return world.Wait(world.invitations.Decline(call, world.TokenOf(invitation), person));
  }
  size_t ListedAs(InvitationState state) {
    const model::Call call = world.CallBy(world.ann);
    invitations::InvitationQuery query;
    query.organization = world.acme;
    query.filter.states = {state};
    return world.Wait(world.invitations.List(call, query))->invitations.size();
  }
  std::string Events() {
    return world.database.Value(
        "SELECT count(*) FROM usher.events WHERE type = 'invitation.declined'");
  }

  World world;
};

TEST_F(DeclineTest, R19IsRecordedAndKillsTheLink) {
  const Invitation invitation = Invited("kai@example.com");

  const auto declined = Decline(invitation, World::Person("Kai@Example.com"));

  ASSERT_THAT(declined, IsOk());
  EXPECT_NE(declined->position, "");
  const auto read = world.Get(invitation.id);
  EXPECT_EQ(read->state, InvitationState::kDeclined);
  EXPECT_EQ(read->decline_time, declined->decline_time);
  EXPECT_EQ(ListedAs(InvitationState::kPending), 0U);
  EXPECT_EQ(ListedAs(InvitationState::kDeclined), 1U);
  EXPECT_EQ(world.database.Value("SELECT state FROM usher.mails"), "4");
  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("kai@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
}

TEST_F(DeclineTest, R19RepeatedItIsTheSameDecline) {
  const Invitation invitation = Invited("kai@example.com");
  const auto first = Decline(invitation, World::Person("kai@example.com"));
  ASSERT_THAT(first, IsOk());
  world.database.MoveClock(absl::Hours(1000));

  const auto again = Decline(invitation, World::Person("kai@example.com"));

  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->decline_time, first->decline_time);
  EXPECT_EQ(again->position, "");
  EXPECT_EQ(Events(), "1");
  EXPECT_THAT(Decline(invitation, World::Person("vera@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
}

TEST_F(DeclineTest, R03DeclinedOneDoesNotStandInTheWay) {
  const Invitation first = Invited("kai@example.com");
  ASSERT_THAT(Decline(first, World::Person("kai@example.com")), IsOk());

  const auto second = world.Invite(world.Draft("kai@example.com"));

  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->invitation.state, InvitationState::kPending);
  EXPECT_EQ(world.Get(first.id)->state, InvitationState::kDeclined);
  EXPECT_THAT(world.Accept(world.TokenOf(first), World::Person("kai@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
}

TEST_F(DeclineTest, R17OnlyTheInvitedPersonCanDecline) {
  const Invitation invitation = Invited("uli@example.com");
  auto unverified = World::Person("uli@example.com");
  unverified.email_verified = false;
  const model::UserId member = world.Join(world.Draft("ben@example.com"));
  invitations::Accepter user;
  user.user = member;

  EXPECT_THAT(Decline(invitation, World::Person("vera@example.com")),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailMismatch));
  EXPECT_THAT(Decline(invitation, unverified),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailUnverified));
  EXPECT_THAT(Decline(invitation, user),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailMismatch));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
  EXPECT_EQ(Events(), "0");
}

TEST_F(DeclineTest, UserDeclinesByTheirOwnAccount) {
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const Invitation invitation = Invited("bo@example.com");
  invitations::Accepter bo;
  bo.user = other.first_super_user;

  EXPECT_THAT(Decline(invitation, bo), IsOk());
  EXPECT_EQ(world.database.Value(
                "SELECT actor_user_id FROM usher.events WHERE type = 'invitation.declined'"),
            model::FormatUuid(other.first_super_user.uuid()));
}

TEST_F(DeclineTest, ExpiredOneIsRefused) {
  const Invitation invitation = Invited("mo@example.com");
  world.database.MoveClock(absl::Hours(168));

  EXPECT_THAT(Decline(invitation, World::Person("mo@example.com")),
              Refused(StatusCode::kFailedPrecondition, Reason::kInvitationExpired));
}

TEST_F(DeclineTest, AcceptedOneIsRefused) {
  const Invitation invitation = Invited("a@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(invitation), World::Person("a@example.com")), IsOk());

  EXPECT_THAT(Decline(invitation, World::Person("a@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kAccepted);
}

TEST_F(DeclineTest, R19RaceWithAnAcceptanceHasOneWinner) {
  const model::Call service = world.CallBy();
  for (int round = 0; round < 20; ++round) {
    const std::string email = absl::StrCat("p", round, "@example.com");
    const Invitation invitation = Invited(email);
    const std::string token = world.TokenOf(invitation);
    auto accept = world.invitations.Accept(service, token, World::Person(email));
    auto decline = world.invitations.Decline(service, token, World::Person(email));

    const auto [accepted, declined] = Race(world, round, std::move(accept), std::move(decline));

    EXPECT_NE(accepted.ok(), declined.ok());
    EXPECT_THAT(accepted.ok() ? declined : accepted,
                Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
    EXPECT_EQ(world.Get(invitation.id)->state,
              accepted.ok() ? InvitationState::kAccepted : InvitationState::kDeclined);
    EXPECT_EQ(world.database.Value(
                  absl::StrCat("SELECT count(*) FROM usher.memberships WHERE invitation_id = '",
                               model::FormatUuid(invitation.id.uuid()), "'")),
              accepted.ok() ? "1" : "0");
  }
}

}  // namespace
}  // namespace usher::test
