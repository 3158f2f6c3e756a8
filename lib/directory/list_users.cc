#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/list_users_statements.h"
#include "storage/ask_list.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/paging.h"
#include "storage/site_access_columns.h"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kGate{"directory.list_users_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};

Entry ReadEntry(const pg::Row& row) {
  Entry entry;
  storage::SiteAccessColumns access;
  row.ReadFrom(storage::kCursorColumns, entry.user, entry.invitation, entry.first_name,
               entry.last_name, entry.email, entry.role, access.kind, access.groups, access.sites,
               entry.status, entry.last_access_time, entry.expire_time, entry.create_time);
  entry.access = access.ToAccess();
  return entry;
}

bool HasFilter(const UsersFilter& filter) {
  return !filter.statuses.empty() || !filter.roles.empty() || !filter.search.empty() ||
         filter.site || filter.site_group;
}

pg::Bound BindList(const pg::Statement& statement, const model::Call& call, const UsersQuery& query,
                   int64_t rows_for_one) {
  const int64_t rows_wanted = int64_t{query.page_size} + 1;
  const int64_t looked_at = rows_wanted * rows_for_one;
  const model::ListCursor start = storage::StartOf(query.after, query.order, query.filter.roles);
  const UsersFilter& filter = query.filter;
  return pg::Bind(statement, query.organization, storage::CallingUser(call),
                  storage::GatesFor(kPermission), rows_wanted, looked_at, start.rank, start.key,
                  start.id, filter.statuses, filter.roles, filter.search, filter.site,
                  filter.site_group);
}

}  // namespace

const std::vector<std::string_view>& UsersColumns() {
  static const std::vector<std::string_view> columns = ListUsersStatements().Columns();
  return columns;
}

async::Task<absl::StatusOr<UsersPage>> Directory::ListUsers(const model::Call& call,
                                                            UsersQuery query) {
  const storage::ListStatements& statements = ListUsersStatements();
  auto gate = pg::Bind(kGate, query.organization, storage::CallingUser(call));
  const auto bind = [&](const pg::Statement& statement, int64_t rows_for_one) {
    return BindList(statement, call, query, rows_for_one);
  };
  auto question = storage::AskFor(kPermission, std::move(gate), statements, query,
                                  HasFilter(query.filter), bind);
  CO_TRY(const storage::ListAnswer answer,
         co_await storage::AskList(db_, call, std::move(question)));

  UsersPage page;
  page.total = answer.total;
  page.next = storage::TakeListPage(answer.rows, query.page_size, page.entries, &ReadEntry);
  co_return page;
}

}  // namespace usher::directory
