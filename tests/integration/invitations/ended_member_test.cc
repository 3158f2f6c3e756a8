#include <gtest/gtest.h>

#include <string>

#include "tests/integration/invitations/race.h"
#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::InvitationState;
using model::Reason;
using model::Role;

// A person whose membership has ended may be invited again, which replaces it.
class EndedMemberTest : public MembersTest {
 protected:
  void SetUp() override {
    ben = Join("ben@example.com", Role::kObserver);
    directory::MembershipUpdate update;
    update.name = Name(ben);
    update.sets_end_time = true;
    update.end_time = absl::Now() + absl::Hours(1);
    ASSERT_THAT(Update(update), IsOk());
  }
  absl::StatusOr<invitations::CreatedInvitation> InviteBen() {
    auto draft = world.Draft("ben@example.com");
    draft.role = Role::kHelpdesk;
    return world.Invite(draft);
  }

  directory::MembershipUpdate TakingBenUpAgain() const {
    directory::MembershipUpdate update;
    update.name = Name(ben);
    update.sets_end_time = true;
    return update;
  }
  async::Task<absl::StatusOr<invitations::CreatedInvitation>> InviteBenAmongOthers(
      const model::Call& call) {
    invitations::NewInvitation draft = world.Draft("ben@example.com");
    invitations::InvitationTerms terms = draft;
    std::vector<invitations::Invitee> invitees;
    invitees.push_back(std::move(draft));
    auto answers =
        co_await world.invitations.BatchCreate(call, std::move(terms), std::move(invitees));
    if (!answers.ok()) co_return answers.status();
    co_return std::move((*answers)[0]);
  }
  // Ben's time is over, and nobody has invited him.
  void AsBefore() {
    world.database.Query(
        "UPDATE usher.invitations SET state = 4, open = false,"
        " cancel_time = usher.now() WHERE state = 1");
    world.database.Query("UPDATE usher.mails SET state = 4 WHERE state = 1");
    SetMembership("end_time = usher.now() - interval '1 minute'", ben);
    world.tampered = true;
  }

  model::UserId ben;
};

TEST_F(EndedMemberTest, R01IsNotInvitedBeforeTheEnd) {
  EXPECT_THAT(InviteBen(), Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
}

TEST_F(EndedMemberTest, IsAMemberAnewByTheInvitation) {
  world.database.MoveClock(absl::Hours(2));
  const auto invited = InviteBen();
  ASSERT_THAT(invited, IsOk());

  const auto accepted =
      world.Accept(world.TokenOf(invited->invitation), World::Person("ben@example.com"));

  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->membership.user.id, ben);
  EXPECT_EQ(Value("role", ben), "4");
  EXPECT_EQ(Value("end_time IS NULL", ben), "true");
  EXPECT_THAT(InviteBen(), Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
}

TEST_F(EndedMemberTest, IsNotTakenUpAgainWhileInvited) {
  world.database.MoveClock(absl::Hours(2));
  const auto invited = InviteBen();
  ASSERT_THAT(invited, IsOk());

  EXPECT_THAT(Update(TakingBenUpAgain()),
              Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  EXPECT_EQ(Value("end_time <= usher.now()", ben), "true");

  const model::Call call = world.CallBy(world.ann);
  invitations::Cancellation cancellation{world.acme, invited->invitation.id, std::nullopt,
                                         std::nullopt};
  ASSERT_THAT(world.Wait(world.invitations.Cancel(call, std::move(cancellation))), IsOk());
  EXPECT_THAT(Update(TakingBenUpAgain()), IsOk());
}

TEST_F(EndedMemberTest, IsEitherInvitedOrTakenUpAgain) {
  world.database.MoveClock(absl::Hours(2));
  const model::Call call = world.CallBy(world.ann);
  for (int round = 0; round < 30; ++round) {
    const auto [taken, invited] =
        Race(world, round, world.directory.UpdateMembership(call, TakingBenUpAgain()),
             round % 3 == 0 ? InviteBenAmongOthers(call)
                            : world.invitations.Create(call, world.Draft("ben@example.com")));

    EXPECT_NE(taken.ok(), invited.ok()) << taken << " " << invited;
    if (!taken.ok()) {
      EXPECT_THAT(taken, Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
    } else {
      EXPECT_THAT(invited, Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
    }
    AsBefore();
  }
}

}  // namespace
}  // namespace usher::test
