#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/list_statements.h"
#include "invitations/rows.h"
#include "storage/ask_list.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/paging.h"

namespace usher::invitations {
namespace {

constexpr std::string_view kPermission = "invitations.read";

constexpr pg::Statement kGate{"invitations.list_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};

bool IsSet(const TimeRange& range) { return range.start || range.end; }

bool HasFilter(const InvitationFilter& filter) {
  return !filter.states.empty() || !filter.roles.empty() || !filter.search.empty() || filter.site ||
         filter.site_group || filter.inviter || filter.email_key || IsSet(filter.create_time) ||
         IsSet(filter.expire_time);
}

pg::Bound BindList(const pg::Statement& statement, const model::Call& call,
                   const InvitationQuery& query, int64_t rows_for_one) {
  const int64_t rows_wanted = int64_t{query.page_size} + 1;
  const int64_t looked_at = rows_wanted * rows_for_one;
  const model::ListCursor start = storage::StartOf(query.after, query.order, query.filter.roles);
  const InvitationFilter& filter = query.filter;
  return pg::Bind(statement, query.organization, storage::CallingUser(call),
                  storage::GatesFor(kPermission), rows_wanted, looked_at, start.rank, start.key,
                  start.id, filter.states, filter.roles, filter.search, filter.site,
                  filter.site_group, filter.inviter, filter.email_key, filter.create_time.start,
                  filter.create_time.end, filter.expire_time.start, filter.expire_time.end);
}

}  // namespace

const std::vector<std::string_view>& InvitationsColumns() {
  static const std::vector<std::string_view> columns = ListInvitationsStatements().Columns();
  return columns;
}

async::Task<absl::StatusOr<InvitationPage>> Invitations::List(const model::Call& call,
                                                              InvitationQuery query) {
  const storage::ListStatements& statements = ListInvitationsStatements();
  auto gate = pg::Bind(kGate, query.organization, storage::CallingUser(call));
  const auto bind = [&](const pg::Statement& statement, int64_t rows_for_one) {
    return BindList(statement, call, query, rows_for_one);
  };
  auto question = storage::AskFor(kPermission, std::move(gate), statements, query,
                                  HasFilter(query.filter), bind);
  CO_TRY(const storage::ListAnswer answer,
         co_await storage::AskList(db_, call, std::move(question)));

  InvitationPage page;
  page.total = answer.total;
  const auto read = [](const pg::Row& row) { return ReadInvitation(row, storage::kCursorColumns); };
  page.next = storage::TakeListPage(answer.rows, query.page_size, page.invitations, read);
  co_return page;
}

}  // namespace usher::invitations
