#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "model/position.h"
#include "pg/batch.h"
#include "pg/rows.h"

// Whether no transaction still runs that could write an event before `e`.
#define USHER_EVENT_SETTLED "e.xact < pg_snapshot_xmin(pg_current_snapshot())"

namespace usher::events {

using model::Position;

// How far the log is complete, and where it begins.
struct Horizon {
  Position settled;  // Nothing will be written before it.
  uint64_t next_xact = 0;
  Position purged;  // What is up to here is no longer all kept.
  absl::Time time;
  absl::Time server;  // When it was started.
};

pg::Bound AskHorizon();
Horizon ReadHorizon(const pg::Row& row);

}  // namespace usher::events
