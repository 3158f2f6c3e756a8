#pragma once

#include <coroutine>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "async/lane.h"
#include "pg/batch.h"
#include "pg/errors.h"
#include "pg/rows.h"

namespace usher::pg {

class Connection;

// Where a waiting coroutine gets its answer.
struct Waiter {
  std::coroutine_handle<> coroutine;
  absl::StatusOr<std::vector<Rows>> answer = absl::UnknownError("not answered");
};

// A batch on its way: waiting in the pool, or sent on a connection and not answered yet.
struct Group {
  Group(Batch work, Waiter* who, async::Lane& lane)
      : batch(std::move(work)),
        waiter(who),
        queued_at(lane.now()),
        not_before(queued_at),
        deadline_timer(lane.timers()),
        retry_timer(lane.timers()) {}

  Batch batch;
  Waiter* waiter;  // None once the deadline has passed: the answer is dropped.
  async::Instant queued_at;
  async::Instant not_before;
  async::Timer deadline_timer;
  async::Timer retry_timer;
  Connection* connection = nullptr;
  int attempts = 0;
  int shared_failures = 0;
  bool alone = false;  // Shares no transaction any more, since it may have failed one.

  std::vector<Rows> rows;
  Error error;
  bool failed = false;   // An error came back, or the connection was lost.
  bool lost = false;     // No answer: whether it happened is not known.
  bool brief = false;    // It ran under the short limits of those who share.
  bool suspect = false;  // The failure may be its own.
};

}  // namespace usher::pg
