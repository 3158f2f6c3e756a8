#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/try.h"
#include "server/convert.h"
#include "server/list_cursor.h"
#include "server/list_fields.h"
#include "server/page_cursor.h"
#include "server/user_directory_requests.h"
#include "server/user_directory_service.h"

namespace usher::server {

namespace v1 = usher::v1;

absl::StatusOr<directory::UsersQuery> Read(const v1::ListUsersRequest& request) {
  Fields fields;
  directory::UsersQuery query;
  const v1::DirectoryFilter& filter = request.filter();
  query.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  query.page_size = fields.ReadPageSize(request.page_size());
  query.order = ReadOrderBy(fields, request.order_by(), directory::UsersColumns(), query.order);
  query.filter.statuses = ReadEnums<directory::EntryStatus>(
      fields, "filter.statuses", filter.statuses(), &v1::DirectoryStatus_IsValid, "status");
  query.filter.roles = ReadRoles(fields, filter.roles());
  query.filter.search = ReadSearch(fields, filter.search());
  query.filter.site = fields.ReadOptionalId<model::SiteId>("filter.site_id", filter.site_id());
  query.filter.site_group =
      fields.ReadOptionalId<model::SiteGroupId>("filter.site_group_id", filter.site_group_id());
  query.with_total = request.include_total();
  if (!v1::DirectoryView_IsValid(request.view())) fields.Add("view", "is not one of its values");
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

namespace {

// The ids of the page's members or of its invitations.
template <class Id>
std::vector<Id> Subjects(const directory::UsersPage& page,
                         std::optional<Id> directory::Entry::*subject) {
  std::vector<Id> ids;
  for (const auto& entry : page.entries) {
    if (entry.*subject) ids.push_back(*(entry.*subject));
  }
  return ids;
}

}  // namespace

async::Task<absl::Status> UserDirectoryService::ListUsers(CallContext& context,
                                                          const v1::ListUsersRequest& request,
                                                          v1::ListUsersResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListUsers", context.call, request);
  CO_TRY(query.after, FromListToken(keys_, fingerprint, request.page_token()));
  const model::OrganizationId organization = query.organization;
  CO_TRY(const auto page, co_await directory_.ListUsers(context.call, std::move(query)));
  for (const auto& entry : page.entries) *response->add_entries() = ToProto(entry);
  response->set_next_page_token(ToListToken(keys_, fingerprint, page.next));
  response->set_total_size(page.total);
  if (request.view() != v1::DIRECTORY_VIEW_FULL) co_return absl::OkStatus();
  co_return co_await FillEntries(context.call, organization, page, response);
}

async::Task<absl::Status> UserDirectoryService::FillEntries(const model::Call& call,
                                                            model::OrganizationId organization,
                                                            const directory::UsersPage& page,
                                                            v1::ListUsersResponse* response) {
  auto users = Subjects(page, &directory::Entry::user);
  CO_TRY(const auto memberships,
         co_await directory_.ReadMemberships(call, organization, std::move(users)));
  auto ids = Subjects(page, &directory::Entry::invitation);
  CO_TRY(const auto invitations, co_await invitations_.Read(call, organization, std::move(ids)));
  std::unordered_map<std::string, v1::DirectoryEntry*> rows;
  auto& entries = *response->mutable_entries();
  for (auto& entry : entries) {
    rows[entry.has_user_id() ? entry.user_id() : entry.invitation_id()] = &entry;
  }
  for (const auto& membership : memberships) {
    *rows.at(membership.user.id.ToString())->mutable_membership() = ToProto(membership);
  }
  for (const auto& invitation : invitations) {
    *rows.at(invitation.id.ToString())->mutable_invitation() = ToProto(invitation);
  }
  co_return absl::OkStatus();
}

}  // namespace usher::server
