#include <utility>

#include "invitations/invitations.h"

namespace usher::invitations {

async::Task<absl::StatusOr<RenewedInvitation>> Invitations::Update(const model::Call& call,
                                                                   Renewal renewal,
                                                                   InvitationChange change) {
  return Renew(call, std::move(renewal), std::move(change), "invitation.updated");
}

}  // namespace usher::invitations
