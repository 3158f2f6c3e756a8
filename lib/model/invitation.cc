#include "model/invitation.h"

namespace usher::model {

InvitationState StateAt(InvitationState stored, absl::Time expire_time, absl::Time now) {
  const bool expired = stored == InvitationState::kPending && now >= expire_time;
  return expired ? InvitationState::kExpired : stored;
}

bool Allows(InvitationState state, InvitationAction action) {
  const bool pending = state == InvitationState::kPending;
  const bool expired = state == InvitationState::kExpired;
  const bool declined = state == InvitationState::kDeclined;
  switch (action) {
    case InvitationAction::kUpdate:
    case InvitationAction::kReinvite:
      return pending || expired || declined;
    case InvitationAction::kCancel:
      return pending || expired;
    case InvitationAction::kDelete:
      return expired || declined || state == InvitationState::kCanceled;
    case InvitationAction::kPreview:
    case InvitationAction::kAccept:
    case InvitationAction::kDecline:
      return pending;
  }
  return false;
}

}  // namespace usher::model
