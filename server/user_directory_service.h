#pragma once

#include "directory/directory.h"
#include "invitations/invitations.h"
#include "model/token.h"
#include "server/registry.h"
#include "usher/v1/user_directory.grpc.pb.h"

namespace usher::server {

// usher.v1.UserDirectory on one lane: requests to use cases, answers to responses.
class UserDirectoryService {
 public:
  UserDirectoryService(directory::Directory& directory, invitations::Invitations& invitations,
                       const model::TokenKeys& keys)
      : directory_(directory), invitations_(invitations), keys_(keys) {}

  void Serve(Registry& registry, ByteService<usher::v1::UserDirectory::AsyncService>& service);

 private:
  // In list_users.cc.
  async::Task<absl::Status> ListUsers(CallContext& context,
                                      const usher::v1::ListUsersRequest& request,
                                      usher::v1::ListUsersResponse* response);
  async::Task<absl::Status> FillEntries(const model::Call& call, model::OrganizationId organization,
                                        const directory::UsersPage& page,
                                        usher::v1::ListUsersResponse* response);

  async::Task<absl::Status> GetMembership(CallContext& context,
                                          const usher::v1::GetMembershipRequest& request,
                                          usher::v1::GetMembershipResponse* response);
  async::Task<absl::Status> ListRoles(CallContext& context,
                                      const usher::v1::ListRolesRequest& request,
                                      usher::v1::ListRolesResponse* response);

  // In access_checks.cc.
  async::Task<absl::Status> CheckAccess(CallContext& context,
                                        const usher::v1::CheckAccessRequest& request,
                                        usher::v1::CheckAccessResponse* response);
  async::Task<absl::Status> BatchCheckAccess(CallContext& context,
                                             const usher::v1::BatchCheckAccessRequest& request,
                                             usher::v1::BatchCheckAccessResponse* response);
  async::Task<absl::Status> ListAccessibleSites(
      CallContext& context, const usher::v1::ListAccessibleSitesRequest& request,
      usher::v1::ListAccessibleSitesResponse* response);

  // In user_reads.cc.
  async::Task<absl::Status> GetUser(CallContext& context, const usher::v1::GetUserRequest& request,
                                    usher::v1::GetUserResponse* response);
  async::Task<absl::Status> BatchGetUsers(CallContext& context,
                                          const usher::v1::BatchGetUsersRequest& request,
                                          usher::v1::BatchGetUsersResponse* response);
  async::Task<absl::Status> GetSelf(CallContext& context, const usher::v1::GetSelfRequest& request,
                                    usher::v1::GetSelfResponse* response);
  // In list_memberships.cc.
  async::Task<absl::Status> ListMemberships(CallContext& context,
                                            const usher::v1::ListMembershipsRequest& request,
                                            usher::v1::ListMembershipsResponse* response);

  // In user_changes.cc.
  async::Task<absl::Status> CreateUser(CallContext& context,
                                       const usher::v1::CreateUserRequest& request,
                                       usher::v1::CreateUserResponse* response);
  async::Task<absl::Status> UpdateUser(CallContext& context,
                                       const usher::v1::UpdateUserRequest& request,
                                       usher::v1::UpdateUserResponse* response);
  async::Task<absl::Status> UpsertUser(CallContext& context,
                                       const usher::v1::UpsertUserRequest& request,
                                       usher::v1::UpsertUserResponse* response);
  async::Task<absl::Status> DeleteUser(CallContext& context,
                                       const usher::v1::DeleteUserRequest& request,
                                       usher::v1::DeleteUserResponse* response);

  // In membership_changes.cc.
  async::Task<absl::Status> UpdateMembership(CallContext& context,
                                             const usher::v1::UpdateMembershipRequest& request,
                                             usher::v1::UpdateMembershipResponse* response);
  async::Task<absl::Status> SuspendMembership(CallContext& context,
                                              const usher::v1::SuspendMembershipRequest& request,
                                              usher::v1::SuspendMembershipResponse* response);
  async::Task<absl::Status> ReactivateMembership(
      CallContext& context, const usher::v1::ReactivateMembershipRequest& request,
      usher::v1::ReactivateMembershipResponse* response);
  async::Task<absl::Status> RevokeMembership(CallContext& context,
                                             const usher::v1::RevokeMembershipRequest& request,
                                             usher::v1::RevokeMembershipResponse* response);
  async::Task<absl::Status> BatchRevokeMemberships(
      CallContext& context, const usher::v1::BatchRevokeMembershipsRequest& request,
      usher::v1::BatchRevokeMembershipsResponse* response);
  async::Task<absl::Status> LeaveOrganization(CallContext& context,
                                              const usher::v1::LeaveOrganizationRequest& request,
                                              usher::v1::LeaveOrganizationResponse* response);

  directory::Directory& directory_;
  invitations::Invitations& invitations_;
  const model::TokenKeys& keys_;
};

}  // namespace usher::server
