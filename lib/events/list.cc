#include <utility>

#include "async/try.h"
#include "events/events.h"
#include "events/rights.h"
#include "events/rows.h"
#include "storage/codecs.h"
#include "storage/paging.h"

// Events of a scope after the position ($14, $15), one more than $16 asks for.
#define USHER_LIST_EVENTS(scope, comparison, direction)                                        \
  "SELECT " USHER_EVENT_COLUMNS " FROM usher.events e WHERE " scope " AND " USHER_EVENT_FILTER \
  " AND (e.xact, e.sequence) " comparison " ($14::text::xid8, $15) ORDER BY e.xact " direction \
  ", e.sequence " direction " LIMIT $16"
#define USHER_OF_ORGANIZATION "e.organization_id = $1 AND " USHER_MAY_READ_EVENTS
#define USHER_OF_USER "e.user_id = $5"

namespace usher::events {
namespace {

constexpr pg::Statement kGate{"events.list_gate", "SELECT " USHER_EVENT_READER,
                              /*read_only=*/true};

// A statement for each scope and direction, so that each walks one index.
constexpr pg::Statement kOfOrganization[] = {
    {"events.list_of_organization", USHER_LIST_EVENTS(USHER_OF_ORGANIZATION, ">", "ASC"), true},
    {"events.list_of_organization_newest_first",
     USHER_LIST_EVENTS(USHER_OF_ORGANIZATION, "<", "DESC"), true}};
constexpr pg::Statement kOfUser[] = {
    {"events.list_of_user", USHER_LIST_EVENTS(USHER_OF_USER, ">", "ASC"), true},
    {"events.list_of_user_newest_first", USHER_LIST_EVENTS(USHER_OF_USER, "<", "DESC"), true}};
constexpr pg::Statement kAll[] = {
    {"events.list_all", USHER_LIST_EVENTS("true", ">", "ASC"), true},
    {"events.list_all_newest_first", USHER_LIST_EVENTS("true", "<", "DESC"), true}};

const pg::Statement& StatementFor(const ListQuery& query) {
  const size_t direction = query.newest_first ? 1 : 0;
  if (query.scope.organization) return kOfOrganization[direction];
  return query.scope.user ? kOfUser[direction] : kAll[direction];
}

Position Start(const ListQuery& query) {
  if (query.after) return *query.after;
  if (!query.newest_first) return {};
  return {std::numeric_limits<uint64_t>::max(), Position::kEnd};
}

}  // namespace

async::Task<absl::StatusOr<EventPage>> Events::List(const model::Call& call, ListQuery query) {
  const auto caller = storage::CallingUser(call);
  const Position start = Start(query);
  pg::Bound list = pg::Bind(StatementFor(query), query.scope.organization, caller, ReaderGates(),
                            AllSitesReaderGates(), query.scope.user);
  AddFilter(list, query.filter);
  list.Add(std::to_string(start.xact));
  list.Add(start.sequence);
  list.Add(int64_t{query.page_size} + 1);
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.scope.organization, caller));
  batch.Add(std::move(list));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  const bool gone = caller == std::nullopt && !answers[1].empty();
  if (query.scope.organization && !gone) {
    CO_CHECK(CheckReader(answers[0][0]));
  }

  EventPage page;
  const auto read = [](const pg::Row& row) { return ReadEvent(row, 0); };
  if (storage::TakePage(answers[1], query.page_size, page.events, read)) {
    page.next = page.events.back().position;
  }
  co_return page;
}

}  // namespace usher::events
