#include "async/try.h"
#include "server/convert.h"
#include "server/invitation_requests.h"
#include "server/invitation_service.h"
#include "server/list_cursor.h"
#include "server/list_fields.h"
#include "server/page_cursor.h"

namespace usher::server {

namespace v1 = usher::v1;

absl::StatusOr<invitations::InvitationQuery> Read(const v1::ListInvitationsRequest& request) {
  Fields fields;
  invitations::InvitationQuery query;
  const v1::InvitationFilter& filter = request.filter();
  invitations::InvitationFilter& wanted = query.filter;
  query.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  query.page_size = fields.ReadPageSize(request.page_size());
  query.order =
      ReadOrderBy(fields, request.order_by(), invitations::InvitationsColumns(), query.order);
  wanted.states = ReadEnums<model::InvitationState>(fields, "filter.states", filter.states(),
                                                    &v1::InvitationState_IsValid, "state");
  wanted.roles = ReadRoles(fields, filter.roles());
  wanted.search = ReadSearch(fields, filter.search());
  wanted.site = fields.ReadOptionalId<model::SiteId>("filter.site_id", filter.site_id());
  wanted.site_group =
      fields.ReadOptionalId<model::SiteGroupId>("filter.site_group_id", filter.site_group_id());
  wanted.inviter =
      fields.ReadOptionalId<model::UserId>("filter.inviter_user_id", filter.inviter_user_id());
  if (!filter.email().empty()) {
    const auto email = fields.ReadEmail("filter.email", filter.email());
    if (email) wanted.email_key = email->key();
  }
  ReadTimeRange(fields, "filter.create_time", filter.create_time(), wanted.create_time.start,
                wanted.create_time.end);
  ReadTimeRange(fields, "filter.expire_time", filter.expire_time(), wanted.expire_time.start,
                wanted.expire_time.end);
  query.with_total = request.include_total();
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

async::Task<absl::Status> InvitationService::List(CallContext& context,
                                                  const v1::ListInvitationsRequest& request,
                                                  v1::ListInvitationsResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListInvitations", context.call, request);
  CO_TRY(query.after, FromListToken(keys_, fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await invitations_.List(context.call, std::move(query)));
  for (const auto& invitation : page.invitations) {
    *response->add_invitations() = ToProto(invitation);
  }
  response->set_next_page_token(ToListToken(keys_, fingerprint, page.next));
  response->set_total_size(page.total);
  co_return absl::OkStatus();
}

}  // namespace usher::server
