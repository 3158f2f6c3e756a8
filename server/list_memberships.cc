#include "async/try.h"
#include "server/convert.h"
#include "server/list_cursor.h"
#include "server/list_fields.h"
#include "server/page_cursor.h"
#include "server/user_directory_service.h"
#include "server/user_requests.h"

namespace usher::server {

namespace v1 = usher::v1;

absl::StatusOr<directory::MembershipsQuery> Read(const v1::ListMembershipsRequest& request) {
  Fields fields;
  directory::MembershipsQuery query;
  const v1::MembershipFilter& filter = request.filter();
  const bool of_user = !request.user_id().empty();
  if (request.organization_id().empty() != of_user) {
    fields.Add("organization_id", "must be set if user_id is not, and only then");
  } else if (of_user) {
    query.user = ReadName(fields, "user_id", request.user_id());
  } else {
    query.organization =
        fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  }
  query.page_size = fields.ReadPageSize(request.page_size());
  query.order =
      ReadOrderBy(fields, request.order_by(), directory::MembershipsColumns(of_user), query.order);
  query.filter.statuses = ReadEnums<directory::MembershipFilterStatus>(
      fields, "filter.statuses", filter.statuses(), &v1::MembershipStatus_IsValid, "status");
  query.filter.roles = ReadRoles(fields, filter.roles());
  query.filter.site = fields.ReadOptionalId<model::SiteId>("filter.site_id", filter.site_id());
  query.filter.site_group =
      fields.ReadOptionalId<model::SiteGroupId>("filter.site_group_id", filter.site_group_id());
  query.with_total = request.include_total();
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

async::Task<absl::Status> UserDirectoryService::ListMemberships(
    CallContext& context, const v1::ListMembershipsRequest& request,
    v1::ListMembershipsResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListMemberships", context.call, request);
  CO_TRY(query.after, FromListToken(keys_, fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await directory_.ListMemberships(context.call, std::move(query)));
  for (const auto& membership : page.memberships) {
    *response->add_memberships() = ToProto(membership);
  }
  response->set_next_page_token(ToListToken(keys_, fingerprint, page.next));
  response->set_total_size(page.total);
  co_return absl::OkStatus();
}

}  // namespace usher::server
