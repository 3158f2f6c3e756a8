#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/list_memberships_statements.h"
#include "directory/rows.h"
#include "directory/users.h"
#include "storage/ask_list.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/paging.h"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kGate{"directory.list_memberships_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};
constexpr pg::Statement kFindUser{"directory.list_memberships_user", R"sql(
  SELECT u.id FROM usher.users u
  WHERE u.id = coalesce($1, (SELECT a.id FROM usher.users a WHERE a.email_key = $2)))sql",
                                  /*read_only=*/true};

Membership ReadListed(const pg::Row& row) { return ReadMembership(row, storage::kCursorColumns); }

bool HasFilter(const MembershipsFilter& filter) {
  return !filter.statuses.empty() || !filter.roles.empty() || filter.site || filter.site_group;
}

pg::Bound BindList(const pg::Statement& statement, const model::Call& call,
                   const MembershipsQuery& query, int64_t rows_for_one) {
  const int64_t rows_wanted = int64_t{query.page_size} + 1;
  const int64_t looked_at = rows_wanted * rows_for_one;
  const model::ListCursor start = storage::StartOf(query.after, query.order, query.filter.roles);
  const MembershipsFilter& filter = query.filter;
  return pg::Bind(statement, *query.organization, storage::CallingUser(call),
                  storage::GatesFor(kPermission), rows_wanted, looked_at, start.rank, start.key,
                  start.id, filter.statuses, filter.roles, "", filter.site, filter.site_group);
}

pg::Bound BindFilter(const pg::Statement& statement, const model::Call& call, model::UserId user,
                     const MembershipsFilter& filter) {
  return pg::Bind(statement, user, storage::CallingUser(call), filter.statuses, filter.roles,
                  filter.site, filter.site_group);
}

pg::Batch ListOfUser(const model::Call& call, model::UserId user, const MembershipsQuery& query) {
  const pg::Statement& statement =
      query.order.descending ? kMembershipsOfUserDescending : kMembershipsOfUser;
  const model::ListCursor start = storage::StartOf(query.after);
  pg::Bound list = BindFilter(statement, call, user, query.filter);
  list.Add(query.order.column);
  list.Add(start.rank);
  list.Add(start.key);
  list.Add(start.id);
  list.Add(int64_t{query.page_size} + 1);
  pg::Batch batch(call.deadline, std::move(list));
  if (query.with_total) batch.Add(BindFilter(kCountMembershipsOfUser, call, user, query.filter));
  return batch;
}

MembershipsPage TakePage(const pg::Rows& rows, int32_t total, const MembershipsQuery& query) {
  MembershipsPage page;
  page.total = total;
  page.next = storage::TakeListPage(rows, query.page_size, page.memberships, &ReadListed);
  return page;
}

}  // namespace

std::vector<std::string_view> MembershipsColumns(bool of_user) {
  if (!of_user) return MembershipsOfOrganization().Columns();
  return {"create_time", "update_time", "end_time", "role", "status", "organization_display_name"};
}

async::Task<absl::StatusOr<MembershipsPage>> Directory::ListMemberships(const model::Call& call,
                                                                        MembershipsQuery query) {
  if (!query.organization) co_return co_await ListMembershipsOfUser(call, std::move(query));
  const storage::ListStatements& statements = MembershipsOfOrganization();
  auto gate = pg::Bind(kGate, *query.organization, storage::CallingUser(call));
  const auto bind = [&](const pg::Statement& statement, int64_t rows_for_one) {
    return BindList(statement, call, query, rows_for_one);
  };
  auto question = storage::AskFor(kPermission, std::move(gate), statements, query,
                                  HasFilter(query.filter), bind);
  CO_TRY(const storage::ListAnswer answer,
         co_await storage::AskList(db_, call, std::move(question)));
  co_return TakePage(answer.rows, answer.total, query);
}

async::Task<absl::StatusOr<MembershipsPage>> Directory::ListMembershipsOfUser(
    const model::Call& call, MembershipsQuery query) {
  const auto caller = storage::CallingUser(call);
  auto find = pg::Bind(kFindUser, query.user->id, query.user->email_key);
  CO_TRY(const pg::Rows found, co_await db_.Query(call.deadline, std::move(find)));
  if (found.empty()) co_return NoUser();
  const auto user = found[0].Get<model::UserId>(0);
  if (caller && *caller != user) co_return NoUser();
  pg::Batch list = ListOfUser(call, user, query);
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(list)));
  const int32_t total = query.with_total ? answers[1][0].Get<int32_t>(0) : 0;
  co_return TakePage(answers[0], total, query);
}

}  // namespace usher::directory
