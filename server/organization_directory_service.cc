#include "server/organization_directory_service.h"

#include "async/try.h"
#include "model/etag.h"
#include "model/refusal.h"
#include "server/convert.h"
#include "server/organization_directory_requests.h"

namespace usher::server {

namespace v1 = usher::v1;
using async::Task;

namespace {

v1::Membership FirstMembership(const organizations::Organizations::Created& created) {
  v1::Membership membership;
  membership.set_organization_id(created.organization.id.ToString());
  membership.set_user_id(created.first_super_user.ToString());
  membership.set_role(v1::ROLE_SUPER_USER);
  membership.mutable_site_access()->set_all_sites(true);
  membership.set_status(v1::MEMBERSHIP_STATUS_ACTIVE);
  membership.set_email(created.email);
  membership.set_first_name(created.first_name);
  membership.set_last_name(created.last_name);
  *membership.mutable_create_time() = ToProto(created.organization.create_time);
  *membership.mutable_update_time() = ToProto(created.organization.update_time);
  membership.set_etag(model::ToEtag(/*revision=*/1));
  return membership;
}

// Whether a person without an account may found an organization.
absl::Status CheckFounder(const model::Caller& caller, bool allow_self_service) {
  if (!caller.email || !caller.email_verified) {
    return model::Refuse(absl::StatusCode::kPermissionDenied, model::Reason::kEmailUnverified,
                         "Only someone with an account or a verified address can create an "
                         "organization.");
  }
  if (!allow_self_service) {
    return model::Refuse(absl::StatusCode::kPermissionDenied, model::Reason::kPermissionMissing,
                         "Only someone who has an account can create an organization.");
  }
  return absl::OkStatus();
}

// Whoever has no first name at the identity provider is called by the address until they say one.
organizations::FirstSuperUser NewFounder(const model::Caller& caller) {
  const std::string& address = caller.email->address();
  std::string first_name = caller.first_name;
  if (first_name.empty()) first_name = address.substr(0, address.find('@'));
  return {*caller.email, std::move(first_name), caller.last_name};
}

}  // namespace

void OrganizationDirectoryService::Serve(
    Registry& registry, ByteService<v1::OrganizationDirectory::AsyncService>& service) {
  using Async = v1::OrganizationDirectory::AsyncService;
  const std::string name = v1::OrganizationDirectory::service_full_name();
  registry.Unary(service, &Async::RequestCreateOrganization, name, "CreateOrganization",
                 [this](auto&&... call) { return CreateOrganization(call...); });
  registry.Unary(service, &Async::RequestCreateSite, name, "CreateSite",
                 [this](auto&&... call) { return CreateSite(call...); });
  registry.Unary(service, &Async::RequestCreateSiteGroup, name, "CreateSiteGroup",
                 [this](auto&&... call) { return CreateSiteGroup(call...); });
  registry.Unary(service, &Async::RequestSetSiteGroupSites, name, "SetSiteGroupSites",
                 [this](auto&&... call) { return SetSiteGroupSites(call...); });
  registry.Unary(service, &Async::RequestGetOrganization, name, "GetOrganization",
                 [this](auto&&... call) { return GetOrganization(call...); });
  registry.Unary(service, &Async::RequestListOrganizations, name, "ListOrganizations",
                 [this](auto&&... call) { return ListOrganizations(call...); });
  registry.Unary(service, &Async::RequestGetSite, name, "GetSite",
                 [this](auto&&... call) { return GetSite(call...); });
  registry.Unary(service, &Async::RequestListSites, name, "ListSites",
                 [this](auto&&... call) { return ListSites(call...); });
  registry.Unary(service, &Async::RequestGetSiteGroup, name, "GetSiteGroup",
                 [this](auto&&... call) { return GetSiteGroup(call...); });
  registry.Unary(service, &Async::RequestListSiteGroups, name, "ListSiteGroups",
                 [this](auto&&... call) { return ListSiteGroups(call...); });
  registry.Unary(service, &Async::RequestUpdateOrganization, name, "UpdateOrganization",
                 [this](auto&&... call) { return UpdateOrganization(call...); });
  registry.Unary(service, &Async::RequestDeleteOrganization, name, "DeleteOrganization",
                 [this](auto&&... call) { return DeleteOrganization(call...); });
  registry.Unary(service, &Async::RequestUpdateSite, name, "UpdateSite",
                 [this](auto&&... call) { return UpdateSite(call...); });
  registry.Unary(service, &Async::RequestDeleteSite, name, "DeleteSite",
                 [this](auto&&... call) { return DeleteSite(call...); });
  registry.Unary(service, &Async::RequestUpdateSiteGroup, name, "UpdateSiteGroup",
                 [this](auto&&... call) { return UpdateSiteGroup(call...); });
  registry.Unary(service, &Async::RequestDeleteSiteGroup, name, "DeleteSiteGroup",
                 [this](auto&&... call) { return DeleteSiteGroup(call...); });
}

Task<absl::Status> OrganizationDirectoryService::CreateOrganization(
    CallContext& context, const v1::CreateOrganizationRequest& request,
    v1::CreateOrganizationResponse* response) {
  CO_TRY(auto draft, Read(request, context.call.caller));
  if (!draft.first_super_user && !context.call.caller.user) {
    CO_CHECK(CheckFounder(context.call.caller, allow_self_service_));
    draft.first_super_user = NewFounder(context.call.caller);
  }
  CO_TRY(const auto created, co_await organizations_.Create(context.call, std::move(draft)));
  *response->mutable_organization() = ToProto(created.organization);
  *response->mutable_membership() = FirstMembership(created);
  if (context.call.validate_only) {
    response->mutable_membership()->clear_organization_id();
    if (created.user_added) response->mutable_membership()->clear_user_id();
  }
  response->set_position(created.position);
  context.position = created.position;
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::CreateSite(CallContext& context,
                                                            const v1::CreateSiteRequest& request,
                                                            v1::CreateSiteResponse* response) {
  CO_TRY(auto draft, Read(request));
  CO_TRY(const auto created, co_await organizations_.CreateSite(context.call, std::move(draft)));
  *response->mutable_site() = ToProto(created.value);
  response->set_position(created.position);
  context.position = created.position;
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::CreateSiteGroup(
    CallContext& context, const v1::CreateSiteGroupRequest& request,
    v1::CreateSiteGroupResponse* response) {
  CO_TRY(auto draft, Read(request));
  CO_TRY(const auto created,
         co_await organizations_.CreateSiteGroup(context.call, std::move(draft)));
  *response->mutable_site_group() = ToProto(created.value);
  response->set_position(created.position);
  context.position = created.position;
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::SetSiteGroupSites(
    CallContext& context, const v1::SetSiteGroupSitesRequest& request,
    v1::SetSiteGroupSitesResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed,
         co_await organizations_.SetSiteGroupSites(context.call, std::move(change)));
  *response->mutable_site_group() = ToProto(changed.value);
  response->set_position(changed.position);
  context.position = changed.position;
  co_return absl::OkStatus();
}

}  // namespace usher::server
