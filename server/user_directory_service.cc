#include "server/user_directory_service.h"

#include "async/try.h"
#include "model/role.h"
#include "server/convert.h"
#include "server/user_directory_requests.h"

namespace usher::server {

namespace v1 = usher::v1;
using async::Task;

void UserDirectoryService::Serve(Registry& registry,
                                 ByteService<v1::UserDirectory::AsyncService>& service) {
  using Async = v1::UserDirectory::AsyncService;
  const std::string name = v1::UserDirectory::service_full_name();
  registry.Unary(service, &Async::RequestListUsers, name, "ListUsers",
                 [this](auto&&... call) { return ListUsers(call...); });
  registry.Unary(service, &Async::RequestGetMembership, name, "GetMembership",
                 [this](auto&&... call) { return GetMembership(call...); });
  registry.Unary(service, &Async::RequestListRoles, name, "ListRoles",
                 [this](auto&&... call) { return ListRoles(call...); });
  registry.Unary(service, &Async::RequestCheckAccess, name, "CheckAccess",
                 [this](auto&&... call) { return CheckAccess(call...); });
  registry.Unary(service, &Async::RequestUpdateMembership, name, "UpdateMembership",
                 [this](auto&&... call) { return UpdateMembership(call...); });
  registry.Unary(service, &Async::RequestSuspendMembership, name, "SuspendMembership",
                 [this](auto&&... call) { return SuspendMembership(call...); });
  registry.Unary(service, &Async::RequestReactivateMembership, name, "ReactivateMembership",
                 [this](auto&&... call) { return ReactivateMembership(call...); });
  registry.Unary(service, &Async::RequestRevokeMembership, name, "RevokeMembership",
                 [this](auto&&... call) { return RevokeMembership(call...); });
  registry.Unary(service, &Async::RequestLeaveOrganization, name, "LeaveOrganization",
                 [this](auto&&... call) { return LeaveOrganization(call...); });
  registry.Unary(service, &Async::RequestGetUser, name, "GetUser",
                 [this](auto&&... call) { return GetUser(call...); });
  registry.Unary(service, &Async::RequestBatchGetUsers, name, "BatchGetUsers",
                 [this](auto&&... call) { return BatchGetUsers(call...); });
  registry.Unary(service, &Async::RequestGetSelf, name, "GetSelf",
                 [this](auto&&... call) { return GetSelf(call...); });
  registry.Unary(service, &Async::RequestListMemberships, name, "ListMemberships",
                 [this](auto&&... call) { return ListMemberships(call...); });
  registry.Unary(service, &Async::RequestCreateUser, name, "CreateUser",
                 [this](auto&&... call) { return CreateUser(call...); });
  registry.Unary(service, &Async::RequestUpdateUser, name, "UpdateUser",
                 [this](auto&&... call) { return UpdateUser(call...); });
  registry.Unary(service, &Async::RequestUpsertUser, name, "UpsertUser",
                 [this](auto&&... call) { return UpsertUser(call...); });
  registry.Unary(service, &Async::RequestBatchCheckAccess, name, "BatchCheckAccess",
                 [this](auto&&... call) { return BatchCheckAccess(call...); });
  registry.Unary(service, &Async::RequestListAccessibleSites, name, "ListAccessibleSites",
                 [this](auto&&... call) { return ListAccessibleSites(call...); });
  registry.Unary(service, &Async::RequestDeleteUser, name, "DeleteUser",
                 [this](auto&&... call) { return DeleteUser(call...); });
  registry.Unary(service, &Async::RequestBatchRevokeMemberships, name, "BatchRevokeMemberships",
                 [this](auto&&... call) { return BatchRevokeMemberships(call...); });
}

Task<absl::Status> UserDirectoryService::GetMembership(CallContext& context,
                                                       const v1::GetMembershipRequest& request,
                                                       v1::GetMembershipResponse* response) {
  CO_TRY(auto name, Read(request, context.call.caller));
  CO_TRY(const auto membership, co_await directory_.GetMembership(context.call, std::move(name)));
  *response->mutable_membership() = ToProto(membership);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::ListRoles(CallContext&, const v1::ListRolesRequest&,
                                                   v1::ListRolesResponse* response) {
  for (const model::Role role : model::kRoles) {
    auto& message = *response->add_roles();
    message.set_role(static_cast<v1::Role>(role));
    message.set_display_name(std::string(model::DisplayName(role)));
    message.set_category(static_cast<v1::RoleCategory>(model::CategoryOf(role)));
    for (const model::Permission& permission : model::Permissions()) {
      const model::Scope scope = model::Grant(role, permission.name);
      if (scope == model::Scope::kNone) continue;
      auto& granted = *message.add_permissions();
      granted.set_permission(std::string(permission.name));
      granted.set_scope(static_cast<v1::PermissionScope>(scope));
    }
  }
  co_return absl::OkStatus();
}

}  // namespace usher::server
