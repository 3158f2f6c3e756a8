#pragma once

#include "server/authenticator.h"

namespace usher::server {

// For development: believes what the metadata says, so the server answers on loopback only.
//
//   usher-caller: user_…              a user
//   usher-caller: service[:name]      a service with every scope
//   usher-caller-email: a@b.c         the caller's address, and whether it is verified (default
//   usher-caller-email-verified: …    true); without usher-caller, a person who is no user yet
//   usher-on-behalf-of: user_…        whom a service acts for
class InsecureAuthenticator final : public Authenticator {
 public:
  async::Task<absl::Status> Authenticate(const grpc::ServerContext& context,
                                         model::Call& call) override;
};

}  // namespace usher::server
