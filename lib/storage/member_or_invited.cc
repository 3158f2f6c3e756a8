#include "storage/member_or_invited.h"

#include "model/refusal.h"

namespace usher::storage {

absl::Status InvitationExists(model::InvitationId id) {
  model::Refusal refusal;
  refusal.reason = model::Reason::kInvitationExists;
  refusal.metadata.emplace_back("invitation_id", id.ToString());
  return model::Refuse(absl::StatusCode::kAlreadyExists, refusal,
                       "A pending invitation of this address exists; renew or cancel that one.");
}

}  // namespace usher::storage
