#include "server/organization_read_requests.h"

#include "model/text.h"
#include "server/fields.h"
#include "server/organization_fields.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr std::string_view kDescending = " desc";

organizations::Order ReadOrder(Fields& fields, std::string_view text) {
  using By = organizations::Order::By;
  organizations::Order order;
  order.descending = text.ends_with(kDescending);
  if (order.descending) text.remove_suffix(kDescending.size());
  if (text == "create_time") {
    order.by = By::kCreateTime;
  } else if (text == "update_time") {
    order.by = By::kUpdateTime;
  } else if (text != "name" && !(text.empty() && !order.descending)) {
    fields.Add("order_by", "must be name, create_time or update_time, with \" desc\" to reverse");
  }
  return order;
}

// What the lists have in common; `after` comes from the page token.
template <class Request>
organizations::Paging ReadPaging(Fields& fields, const Request& request) {
  organizations::Paging paging;
  paging.page_size = fields.ReadPageSize(request.page_size());
  paging.order = ReadOrder(fields, request.order_by());
  paging.count = request.include_total();
  return paging;
}

template <class Request>
std::string ReadSearch(Fields& fields, const Request& request) {
  return fields.ReadText("filter.search", request.filter().search(), {.min = 0, .max = 256});
}

void ReadCreated(Fields& fields, const v1::TimeRange& range,
                 organizations::OrganizationsQuery& query) {
  if (range.has_start()) {
    query.created_from = fields.ReadTime("filter.create_time.start", range.start());
  }
  if (range.has_end()) {
    query.created_before = fields.ReadTime("filter.create_time.end", range.end());
  }
  if (range.has_start() && range.has_end() && *query.created_before <= *query.created_from) {
    fields.Add("filter.create_time.end", "must be after the start");
  }
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

absl::StatusOr<organizations::OrganizationsQuery> Read(
    const v1::ListOrganizationsRequest& request) {
  Fields fields;
  organizations::OrganizationsQuery query;
  query.paging = ReadPaging(fields, request);
  query.search = ReadSearch(fields, request);
  ReadCreated(fields, request.filter().create_time(), query);
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
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
  query.search = ReadSearch(fields, request);
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
  query.search = ReadSearch(fields, request);
  query.site = fields.ReadOptionalId<model::SiteId>("filter.site_id", request.filter().site_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

}  // namespace usher::server
