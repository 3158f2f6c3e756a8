#include <utility>

#include "async/try.h"
#include "events/events.h"
#include "events/rights.h"
#include "events/rows.h"
#include "storage/codecs.h"
#include "storage/paging.h"

// Settled events of a scope after the position ($14, $15), at most $16.
#define USHER_READ_EVENTS(scope)                                                               \
  "SELECT " USHER_EVENT_COLUMNS " FROM usher.events e WHERE " scope " AND " USHER_EVENT_FILTER \
  " AND (e.xact, e.sequence) > ($14::text::xid8, $15) AND " USHER_EVENT_SETTLED                \
  " ORDER BY e.xact, e.sequence LIMIT $16"

namespace usher::events {
namespace {

constexpr pg::Statement kOfOrganization{
    "events.read_of_organization",
    USHER_READ_EVENTS("e.organization_id = $1 AND " USHER_MAY_READ_EVENTS), /*read_only=*/true};
constexpr pg::Statement kOfUser{"events.read_of_user", USHER_READ_EVENTS("e.user_id = $5"),
                                /*read_only=*/true};
constexpr pg::Statement kGate{"events.read_gate", "SELECT " USHER_EVENT_READER,
                              /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<StoredEvents>> Events::ReadAfter(const model::Call& call,
                                                            const Scope& scope,
                                                            const Filter& filter, Position after,
                                                            int32_t most) {
  const auto caller = storage::CallingUser(call);
  pg::Bound read = pg::Bind(scope.organization ? kOfOrganization : kOfUser, scope.organization,
                            caller, ReaderGates(), AllSitesReaderGates(), scope.user);
  AddFilter(read, filter);
  read.Add(std::to_string(after.xact));
  read.Add(after.sequence);
  read.Add(int64_t{most} + 1);
  // The horizon comes first: what is read after it goes at least that far.
  pg::Batch batch(call.deadline);
  batch.Add(AskHorizon());
  batch.Add(pg::Bind(kGate, scope.organization, caller));
  batch.Add(std::move(read));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  if (scope.organization) {
    CO_CHECK(CheckReader(answers[1][0]));
  }

  StoredEvents stored;
  stored.horizon = ReadHorizon(answers[0][0]);
  stored.upto = std::max(after, stored.horizon.settled);
  const auto read_row = [](const pg::Row& row) { return ReadEvent(row, 0); };
  const bool more = storage::TakePage(answers[2], most, stored.events, read_row);
  if (stored.events.empty()) co_return stored;
  const Position last = stored.events.back().position;
  stored.upto = more ? last : std::max(last, stored.upto);
  co_return stored;
}

}  // namespace usher::events
