#include "events/horizon.h"

#include <string>

namespace usher::events {
namespace {

constexpr pg::Statement kHorizon{"events.horizon", R"sql(
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text,
         purged_xact::text, purged_sequence, usher.now(), pg_postmaster_start_time()
  FROM usher.event_log WHERE id = 1)sql",
                                 /*read_only=*/true};

uint64_t Number(const std::string& xact) { return Position::Parse(xact)->xact; }

}  // namespace

pg::Bound AskHorizon() { return pg::Bind(kHorizon); }

Horizon ReadHorizon(const pg::Row& row) {
  Horizon horizon;
  std::string oldest, next, purged;
  row.ReadFrom(0, oldest, next, purged, horizon.purged.sequence, horizon.time, horizon.server);
  horizon.settled = Position::Before(Number(oldest));
  horizon.next_xact = Number(next);
  horizon.purged.xact = Number(purged);
  return horizon;
}

}  // namespace usher::events
