#pragma once

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "async/task.h"
#include "model/caller.h"

namespace usher::server {

// Turns a call's metadata and connection into its caller. One for each lane.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Fills call.caller, of a call with its deadline. UNAUTHENTICATED CALLER_UNKNOWN for credentials
  // that are not accepted; PERMISSION_DENIED SCOPE_MISSING for a service that may not act for
  // users; UNAVAILABLE when it cannot be told now. A call without any credentials is anonymous.
  virtual async::Task<absl::Status> Authenticate(const grpc::ServerContext& context,
                                                 model::Call& call) = 0;
};

}  // namespace usher::server
