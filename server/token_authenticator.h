#pragma once

#include <memory>
#include <string>

#include "auth/find_user.h"
#include "auth/token_verifier.h"
#include "pg/pool.h"
#include "server/authenticator.h"
#include "server/callers.h"

namespace usher::server {

// Knows users by the token in `authorization`, and services by such a token or else by their client
// certificate; `usher-on-behalf-of` names the user for whom a service acts.
//
// A token decides alone: with one, the certificate means nothing, so that a gateway may pass on its
// users' tokens. A certificate that no service has is none. On the lane; only a key that is not
// known and the look-up of a user wait.
class TokenAuthenticator final : public Authenticator {
 public:
  TokenAuthenticator(async::Lane& lane, pg::Pool& db, Callers& callers)
      : db_(db), callers_(callers), verifier_(lane, callers.issuers()) {}

  async::Task<absl::Status> Authenticate(const grpc::ServerContext& context,
                                         model::Call& call) override;

 private:
  using SubjectPtr = std::shared_ptr<const auth::Subject>;

  absl::Status AuthenticateCertificate(const grpc::ServerContext& context, model::Caller& caller);
  async::Task<absl::StatusOr<SubjectPtr>> Believe(std::string token, async::Instant deadline);
  async::Task<absl::Status> AuthenticateUser(SubjectPtr subject, model::Call& call);

  pg::Pool& db_;
  Callers& callers_;
  auth::TokenVerifier verifier_;
};

}  // namespace usher::server
