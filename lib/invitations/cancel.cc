#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"

namespace usher::invitations {

async::Task<absl::StatusOr<CanceledInvitation>> Invitations::Cancel(const model::Call& call,
                                                                    Cancellation cancellation) {
  const model::OrganizationId organization = cancellation.organization;
  std::vector<Cancellation> one;
  one.push_back(std::move(cancellation));
  CO_TRY(CanceledInvitations answers, co_await BatchCancel(call, organization, std::move(one)));
  co_return std::move(answers[0]);
}

}  // namespace usher::invitations
