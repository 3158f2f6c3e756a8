#pragma once

#include "directory/directory.h"
#include "server/authenticator.h"

namespace usher::server {

// Has the directory keep in mind who calls, for users.last_access_time.
class NotingAuthenticator final : public Authenticator {
 public:
  NotingAuthenticator(Authenticator& inner, directory::Directory& directory)
      : inner_(inner), directory_(directory) {}

  async::Task<absl::Status> Authenticate(const grpc::ServerContext& context,
                                         model::Call& call) override {
    absl::Status known = co_await inner_.Authenticate(context, call);
    if (known.ok() && call.caller.user) directory_.NoteAccess(*call.caller.user);
    co_return known;
  }

 private:
  Authenticator& inner_;
  directory::Directory& directory_;
};

}  // namespace usher::server
