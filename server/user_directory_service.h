#pragma once

#include "directory/directory.h"
#include "model/token.h"
#include "server/registry.h"
#include "usher/v1/user_directory.grpc.pb.h"

namespace usher::server {

// usher.v1.UserDirectory on one lane: requests to use cases, answers to responses.
class UserDirectoryService {
 public:
  UserDirectoryService(directory::Directory& directory, const model::TokenKeys& keys)
      : directory_(directory), keys_(keys) {}

  void Serve(Registry& registry, usher::v1::UserDirectory::AsyncService& service);

 private:
  async::Task<absl::Status> ListUsers(CallContext& context,
                                      const usher::v1::ListUsersRequest& request,
                                      usher::v1::ListUsersResponse* response);
  async::Task<absl::Status> GetMembership(CallContext& context,
                                          const usher::v1::GetMembershipRequest& request,
                                          usher::v1::GetMembershipResponse* response);
  async::Task<absl::Status> ListRoles(CallContext& context,
                                      const usher::v1::ListRolesRequest& request,
                                      usher::v1::ListRolesResponse* response);
  async::Task<absl::Status> CheckAccess(CallContext& context,
                                        const usher::v1::CheckAccessRequest& request,
                                        usher::v1::CheckAccessResponse* response);

  directory::Directory& directory_;
  const model::TokenKeys& keys_;
};

}  // namespace usher::server
