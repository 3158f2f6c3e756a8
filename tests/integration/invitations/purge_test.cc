#include "tests/integration/invitations/inviting.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::InvitationState;
using model::Reason;

class PurgeTest : public InvitingTest {
 protected:
  using Answer = absl::StatusOr<invitations::Purged>;

  // One in each state; the expired one for an hour.
  void SetUp() override {
    expired = Invited("expired@example.com", absl::Hours(1));
    declined = Invited("declined@example.com", absl::Hours(100));
    canceled = Invited("canceled@example.com", absl::Hours(100));
    pending = Invited("pending@example.com", absl::Hours(100));
    accepted = Invited("accepted@example.com", absl::Hours(100));
    const model::Call call = world.CallBy();
    ASSERT_THAT(world.Wait(world.invitations.Decline(call, world.TokenOf(declined),
                                                     World::Person("declined@example.com"))),
                IsOk());
    ASSERT_THAT(Cancel(canceled.id), IsOk());
    ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("accepted@example.com")),
                IsOk());
    world.database.MoveClock(absl::Hours(2));
  }
  invitations::Invitation Invited(const std::string& email, absl::Duration lifetime) {
    auto draft = world.Draft(email);
    draft.lifetime = lifetime;
    return world.Invite(draft)->invitation;
  }
  invitations::PurgeQuery Query(std::vector<InvitationState> states, absl::Duration age) const {
    return {world.acme, std::move(states), age};
  }
  invitations::PurgeQuery AllOver(absl::Duration age) const {
    return Query(
        {InvitationState::kExpired, InvitationState::kDeclined, InvitationState::kCanceled}, age);
  }
  Answer Purge(invitations::PurgeQuery query) {
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.invitations.Purge(call, std::move(query)));
  }
  bool Exists(const invitations::Invitation& invitation) { return world.Get(invitation.id).ok(); }

  invitations::Invitation expired, declined, canceled, pending, accepted;
};

TEST_F(PurgeTest, TakesWhatHasBeenOverForLongEnough) {
  EXPECT_EQ(Purge(AllOver(absl::Hours(3)))->count, 0);
  const Answer purged = Purge(AllOver(absl::Minutes(90)));

  EXPECT_EQ(purged->count, 2);
  EXPECT_NE(purged->position, "");
  EXPECT_TRUE(Exists(expired));
  EXPECT_FALSE(Exists(declined));
  EXPECT_FALSE(Exists(canceled));
  EXPECT_EQ(Purge(AllOver(absl::Minutes(50)))->count, 1);
  EXPECT_FALSE(Exists(expired));
  EXPECT_TRUE(Exists(pending));
  EXPECT_TRUE(Exists(accepted));
  EXPECT_EQ(Events("invitation.deleted"), 3);
}

TEST_F(PurgeTest, TakesOnlyTheWantedStates) {
  EXPECT_EQ(Purge(Query({InvitationState::kDeclined}, absl::ZeroDuration()))->count, 1);

  EXPECT_FALSE(Exists(declined));
  EXPECT_TRUE(Exists(expired));
  EXPECT_TRUE(Exists(canceled));
}

TEST_F(PurgeTest, TakesReplacedOnesAsExpired) {
  ASSERT_THAT(world.Invite(world.Draft("expired@example.com")), IsOk());

  EXPECT_EQ(Purge(Query({InvitationState::kExpired}, absl::Minutes(50)))->count, 1);
  EXPECT_FALSE(Exists(expired));
}

TEST_F(PurgeTest, ValidatingOnlyCounts) {
  model::Call call = world.CallBy(world.ann);
  call.validate_only = true;

  EXPECT_EQ(world.Wait(world.invitations.Purge(call, AllOver(absl::ZeroDuration())))->count, 3);
  EXPECT_TRUE(Exists(canceled));
}

TEST_F(PurgeTest, AtOnceEachIsTakenOnce) {
  const model::Call call = world.CallBy(world.ann);
  std::vector<async::Task<Answer>> tasks;
  for (int i = 0; i < 4; ++i) {
    tasks.push_back(world.invitations.Purge(call, AllOver(absl::ZeroDuration())));
  }

  int purged = 0;
  const auto answers = world.WaitAll(std::move(tasks));
  for (const Answer& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    purged += answer->count;
  }
  EXPECT_EQ(purged, 3);
  EXPECT_EQ(Events("invitation.deleted"), 3);
}

TEST_F(PurgeTest, OtherOrganizationsKeepTheirs) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::Call stranger = world.CallBy(birch.first_super_user);
  auto theirs = AllOver(absl::ZeroDuration());
  theirs.organization = birch.organization.id;

  EXPECT_THAT(world.Wait(world.invitations.Purge(stranger, AllOver(absl::ZeroDuration()))),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(world.Wait(world.invitations.Purge(stranger, theirs))->count, 0);
  EXPECT_TRUE(Exists(canceled));
}

}  // namespace
}  // namespace usher::test
