#include "server/organization_read_requests.h"

#include "model/text.h"
#include "server/fields.h"
#include "server/organization_fields.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

// What the lists have in common; `after` comes from the page token.
template <class Request>
organizations::NamePaging ReadPaging(Fields& fields, const Request& request) {
  organizations::NamePaging paging;
  paging.page_size = fields.ReadPageSize(request.page_size());
  fields.ReadText("order_by", request.order_by(), {.min = 0, .max = 64});
  fields.Unbuilt("order_by", !request.order_by().empty() && request.order_by() != "name");
  fields.ReadText("filter.search", request.filter().search(), {.min = 0, .max = 256});
  fields.Unbuilt("filter.search", !request.filter().search().empty());
  fields.Unbuilt("include_total", request.include_total());
  return paging;
}

template <class Request>
model::OrganizationId ReadOrganization(Fields& fields, const Request& request) {
  return fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
}

}  // namespace

absl::StatusOr<organizations::OrganizationName> Read(const v1::GetOrganizationRequest& request) {
  organizations::OrganizationName name;
  if (const auto id = model::OrganizationId::Parse(request.organization_id()); id.ok()) {
    name.id = *id;
    return name;
  }
  Fields fields;
  const std::string text =
      fields.ReadText("organization_id", request.organization_id(), kOrganizationName);
  if (auto status = fields.Check(); !status.ok()) return status;
  name.name_key = model::NameKey(text);
  return name;
}

absl::StatusOr<organizations::NamePaging> Read(const v1::ListOrganizationsRequest& request) {
  Fields fields;
  organizations::NamePaging paging = ReadPaging(fields, request);
  fields.Unbuilt("filter.create_time", request.filter().has_create_time());
  if (auto status = fields.Check(); !status.ok()) return status;
  return paging;
}

absl::StatusOr<SiteName> Read(const v1::GetSiteRequest& request) {
  Fields fields;
  SiteName name;
  name.organization = ReadOrganization(fields, request);
  name.site = fields.ReadId<model::SiteId>("site_id", request.site_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return name;
}

absl::StatusOr<organizations::SitesQuery> Read(const v1::ListSitesRequest& request) {
  Fields fields;
  organizations::SitesQuery query;
  query.organization = ReadOrganization(fields, request);
  query.paging = ReadPaging(fields, request);
  query.site_group = fields.ReadOptionalId<model::SiteGroupId>("filter.site_group_id",
                                                               request.filter().site_group_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

absl::StatusOr<SiteGroupName> Read(const v1::GetSiteGroupRequest& request) {
  Fields fields;
  SiteGroupName name;
  name.organization = ReadOrganization(fields, request);
  name.site_group = fields.ReadId<model::SiteGroupId>("site_group_id", request.site_group_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return name;
}

absl::StatusOr<organizations::SiteGroupsQuery> Read(const v1::ListSiteGroupsRequest& request) {
  Fields fields;
  organizations::SiteGroupsQuery query;
  query.organization = ReadOrganization(fields, request);
  query.paging = ReadPaging(fields, request);
  query.site = fields.ReadOptionalId<model::SiteId>("filter.site_id", request.filter().site_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

}  // namespace usher::server
