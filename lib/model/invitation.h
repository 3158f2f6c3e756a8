#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace usher::model {

// By the numbers of the API and the database.
enum class InvitationState : int16_t {
  kPending = 1,
  kAccepted,
  kDeclined,
  kCanceled,
  kExpired,
};

// What a stored state reads as at an instant: from its expire time on, a pending invitation is
// expired. Statements say the same in SQL, by the database's clock.
InvitationState StateAt(InvitationState stored, absl::Time expire_time, absl::Time now);

enum class InvitationAction { kUpdate, kReinvite, kCancel, kDelete, kPreview, kAccept, kDecline };

// Whether a state allows an action: the one table of the life cycle.
bool Allows(InvitationState state, InvitationAction action);

// How long an invitation can be accepted unless the organization or the call says otherwise.
inline constexpr absl::Duration kInvitationLifetime = absl::Hours(7 * 24);
inline constexpr absl::Duration kShortestLifetime = absl::Minutes(5);
inline constexpr absl::Duration kLongestLifetime = absl::Hours(365 * 24);

// What a create does if the address has a pending invitation: refuses, answers with that one, or
// renews it with everything that the new one would be.
enum class OnPending : int16_t { kFail = 1, kReturn, kReinvite };

enum class DeliveryState : int16_t { kNone = 1, kQueued, kSent, kFailed, kDisabled };

enum class MembershipStatus : int16_t { kActive = 1, kSuspended };

}  // namespace usher::model
