#include "model/invitation.h"

#include <string>

#include "gtest/gtest.h"

namespace usher::model {
namespace {

// The states that allow an action, a letter each: Pending, Accepted, Declined, Canceled, Expired.
std::string AllowedIn(InvitationAction action) {
  const std::pair<char, InvitationState> states[] = {{'P', InvitationState::kPending},
                                                     {'A', InvitationState::kAccepted},
                                                     {'D', InvitationState::kDeclined},
                                                     {'C', InvitationState::kCanceled},
                                                     {'E', InvitationState::kExpired}};
  std::string allowed;
  for (const auto& [letter, state] : states) {
    if (Allows(state, action)) allowed += letter;
  }
  return allowed;
}

TEST(InvitationTest, R21IsRenewedWhileOpenOrDeclined) {
  EXPECT_EQ(AllowedIn(InvitationAction::kUpdate), "PDE");
  EXPECT_EQ(AllowedIn(InvitationAction::kReinvite), "PDE");
}

TEST(InvitationTest, IsCanceledWhileOpen) { EXPECT_EQ(AllowedIn(InvitationAction::kCancel), "PE"); }

TEST(InvitationTest, IsDeletedOnceNothingCanComeOfIt) {
  EXPECT_EQ(AllowedIn(InvitationAction::kDelete), "DCE");
}

TEST(InvitationTest, IsAnsweredWhilePending) {
  EXPECT_EQ(AllowedIn(InvitationAction::kPreview), "P");
  EXPECT_EQ(AllowedIn(InvitationAction::kAccept), "P");
  EXPECT_EQ(AllowedIn(InvitationAction::kDecline), "P");
}

TEST(InvitationTest, AllowsNothingInWhatIsNoState) {
  for (const auto action : {InvitationAction::kUpdate, InvitationAction::kCancel,
                            InvitationAction::kDelete, InvitationAction::kAccept}) {
    EXPECT_FALSE(Allows(static_cast<InvitationState>(0), action));
  }
}

TEST(InvitationTest, R23IsExpiredFromTheInstantOfItsExpireTime) {
  const absl::Time end = absl::FromUnixSeconds(1'742'255'400);  // 2025-03-17T23:50:00Z

  EXPECT_EQ(StateAt(InvitationState::kPending, end, end - absl::Microseconds(1)),
            InvitationState::kPending);
  EXPECT_EQ(StateAt(InvitationState::kPending, end, end), InvitationState::kExpired);
  EXPECT_EQ(StateAt(InvitationState::kPending, end, end + absl::Hours(1)),
            InvitationState::kExpired);
}

TEST(InvitationTest, R04OnlyWhatIsPendingExpires) {
  const absl::Time end = absl::FromUnixSeconds(0);
  for (const auto state :
       {InvitationState::kAccepted, InvitationState::kDeclined, InvitationState::kCanceled}) {
    EXPECT_EQ(StateAt(state, end, end + absl::Hours(1)), state);
  }
}

TEST(InvitationTest, LastsAWeekAndFiveMinutesToAYear) {
  EXPECT_EQ(kInvitationLifetime, absl::Hours(168));
  EXPECT_EQ(kShortestLifetime, absl::Minutes(5));
  EXPECT_EQ(kLongestLifetime, absl::Hours(24 * 365));
}

}  // namespace
}  // namespace usher::model
