#include <gtest/gtest.h>

#include <string>

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

TEST_F(EndedMemberTest, WhoIsTakenUpAgainMeanwhileStaysAsTheyAre) {
  world.database.MoveClock(absl::Hours(2));
  const auto invited = InviteBen();
  directory::MembershipUpdate update;
  update.name = Name(ben);
  update.sets_end_time = true;
  ASSERT_THAT(Update(update), IsOk());

  EXPECT_THAT(world.Accept(world.TokenOf(invited->invitation), World::Person("ben@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
  EXPECT_EQ(Value("role", ben), "3");
}

}  // namespace
}  // namespace usher::test
