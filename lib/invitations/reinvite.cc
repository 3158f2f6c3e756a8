#include <utility>

#include "invitations/invitations.h"

namespace usher::invitations {

async::Task<absl::StatusOr<RenewedInvitation>> Invitations::Reinvite(const model::Call& call,
                                                                     Renewal renewal) {
  InvitationChange none;
  return Renew(call, std::move(renewal), std::move(none), "invitation.reinvited");
}

}  // namespace usher::invitations
