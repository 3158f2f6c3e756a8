#include "async/try.h"
#include "server/convert.h"
#include "server/organization_change_requests.h"
#include "server/organization_directory_service.h"

namespace usher::server {
namespace {

template <class Response>
void SetPosition(const std::string& position, CallContext& context, Response* response) {
  response->set_position(position);
  context.position = position;
}

}  // namespace

namespace v1 = usher::v1;
using async::Task;

Task<absl::Status> OrganizationDirectoryService::UpdateOrganization(
    CallContext& context, const v1::UpdateOrganizationRequest& request,
    v1::UpdateOrganizationResponse* response) {
  CO_TRY(auto update, Read(request));
  CO_TRY(const auto updated, co_await organizations_.Update(context.call, std::move(update)));
  *response->mutable_organization() = ToProto(updated.value);
  SetPosition(updated.position, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::DeleteOrganization(
    CallContext& context, const v1::DeleteOrganizationRequest& request,
    v1::DeleteOrganizationResponse* response) {
  CO_TRY(const auto deletion, Read(request));
  CO_TRY(const auto deleted,
         co_await organizations_.Delete(context.call, deletion.organization, deletion.revision));
  response->set_memberships_ended(static_cast<int32_t>(deleted.memberships_ended));
  response->set_invitations_canceled(static_cast<int32_t>(deleted.invitations_canceled));
  response->set_mails_withdrawn(static_cast<int32_t>(deleted.mails_withdrawn));
  SetPosition(deleted.position, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::UpdateSite(CallContext& context,
                                                            const v1::UpdateSiteRequest& request,
                                                            v1::UpdateSiteResponse* response) {
  CO_TRY(auto update, Read(request));
  CO_TRY(const auto updated, co_await organizations_.UpdateSite(context.call, std::move(update)));
  *response->mutable_site() = ToProto(updated.value);
  SetPosition(updated.position, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::DeleteSite(CallContext& context,
                                                            const v1::DeleteSiteRequest& request,
                                                            v1::DeleteSiteResponse* response) {
  CO_TRY(auto deletion, Read(request));
  CO_TRY(const std::string position,
         co_await organizations_.DeleteSite(context.call, std::move(deletion)));
  SetPosition(position, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::UpdateSiteGroup(
    CallContext& context, const v1::UpdateSiteGroupRequest& request,
    v1::UpdateSiteGroupResponse* response) {
  CO_TRY(auto update, Read(request));
  CO_TRY(const auto updated,
         co_await organizations_.UpdateSiteGroup(context.call, std::move(update)));
  *response->mutable_site_group() = ToProto(updated.value);
  SetPosition(updated.position, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::DeleteSiteGroup(
    CallContext& context, const v1::DeleteSiteGroupRequest& request,
    v1::DeleteSiteGroupResponse* response) {
  CO_TRY(auto deletion, Read(request));
  CO_TRY(const std::string position,
         co_await organizations_.DeleteSiteGroup(context.call, std::move(deletion)));
  SetPosition(position, context, response);
  co_return absl::OkStatus();
}

}  // namespace usher::server
