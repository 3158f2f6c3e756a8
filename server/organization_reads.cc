#include <algorithm>

#include "async/try.h"
#include "server/convert.h"
#include "server/organization_directory_service.h"
#include "server/organization_read_requests.h"
#include "server/page_cursor.h"

namespace usher::server {

namespace v1 = usher::v1;
using async::Task;
using organizations::Cursor;

namespace {

std::string ToToken(const model::TokenKeys& keys, std::string_view query,
                    const std::optional<Cursor>& cursor) {
  if (!cursor) return "";
  return ToNameToken(keys, query, std::string(cursor->id.begin(), cursor->id.end()) + cursor->key);
}

absl::StatusOr<std::optional<Cursor>> FromToken(const model::TokenKeys& keys,
                                                std::string_view query, const std::string& token) {
  const auto bytes = FromNameToken(keys, query, token);
  if (!bytes.ok()) return bytes.status();
  if (!*bytes) return std::nullopt;
  // Authentic, so one of ours: its form is not in doubt.
  Cursor cursor;
  const std::string& text = **bytes;
  std::copy_n(text.begin(), std::min(text.size(), cursor.id.size()), cursor.id.begin());
  cursor.key = text.substr(std::min(text.size(), cursor.id.size()));
  return cursor;
}

}  // namespace

Task<absl::Status> OrganizationDirectoryService::GetOrganization(
    CallContext& context, const v1::GetOrganizationRequest& request,
    v1::GetOrganizationResponse* response) {
  CO_TRY(auto name, Read(request));
  CO_TRY(const auto organization, co_await organizations_.Get(context.call, std::move(name)));
  *response->mutable_organization() = ToProto(organization);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::ListOrganizations(
    CallContext& context, const v1::ListOrganizationsRequest& request,
    v1::ListOrganizationsResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListOrganizations", context.call, request);
  CO_TRY(query.paging.after, FromToken(keys_, fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await organizations_.List(context.call, std::move(query)));
  for (const auto& row : page.rows) *response->add_organizations() = ToProto(row);
  response->set_next_page_token(ToToken(keys_, fingerprint, page.next));
  response->set_total_size(static_cast<int32_t>(page.total));
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::GetSite(CallContext& context,
                                                         const v1::GetSiteRequest& request,
                                                         v1::GetSiteResponse* response) {
  CO_TRY(const auto id, Read(request));
  CO_TRY(const auto site, co_await organizations_.GetSite(context.call, id.organization, id.site));
  *response->mutable_site() = ToProto(site);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::ListSites(CallContext& context,
                                                           const v1::ListSitesRequest& request,
                                                           v1::ListSitesResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListSites", context.call, request);
  CO_TRY(query.paging.after, FromToken(keys_, fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await organizations_.ListSites(context.call, std::move(query)));
  for (const auto& row : page.rows) *response->add_sites() = ToProto(row);
  response->set_next_page_token(ToToken(keys_, fingerprint, page.next));
  response->set_total_size(static_cast<int32_t>(page.total));
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::GetSiteGroup(
    CallContext& context, const v1::GetSiteGroupRequest& request,
    v1::GetSiteGroupResponse* response) {
  CO_TRY(const auto id, Read(request));
  CO_TRY(const auto group,
         co_await organizations_.GetSiteGroup(context.call, id.organization, id.site_group));
  *response->mutable_site_group() = ToProto(group);
  co_return absl::OkStatus();
}

Task<absl::Status> OrganizationDirectoryService::ListSiteGroups(
    CallContext& context, const v1::ListSiteGroupsRequest& request,
    v1::ListSiteGroupsResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListSiteGroups", context.call, request);
  CO_TRY(query.paging.after, FromToken(keys_, fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await organizations_.ListSiteGroups(context.call, std::move(query)));
  for (const auto& row : page.rows) *response->add_site_groups() = ToProto(row);
  response->set_next_page_token(ToToken(keys_, fingerprint, page.next));
  response->set_total_size(static_cast<int32_t>(page.total));
  co_return absl::OkStatus();
}

}  // namespace usher::server
