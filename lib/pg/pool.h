#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "async/helpers.h"
#include "async/lane.h"
#include "async/task.h"
#include "async/wakeup.h"
#include "async/watcher.h"
#include "pg/connection.h"

namespace usher::pg {

struct PoolOptions {
  std::string conninfo;
  int connections = 4;
  ConnectionOptions connection;
  // Transactions in flight on a connection: more would only queue behind a slow one in the server,
  // and all of them are lost together when it dies.
  size_t depth = 8;
  // Batches in one transaction.
  size_t widest = 32;
  size_t most_waiting = 1000;
  // Asked on a helper thread before each connection is made; an error counts as unreachable.
  std::function<absl::Status()> before_connect = [] { return absl::OkStatus(); };
};

// The PostgreSQL sessions of one lane, and the batches that wait for them.
//
// A batch is queued and sent at the end of the turn to the connection with the fewest in flight.
// What only reads has connections of its own, so that it never waits behind a lock; and nothing is
// sent behind a batch that has been running for long. Batches that may share and are ready in the
// same turn are one transaction, so that they pay for one commit; nobody waits to be joined. If it
// fails, whoever it may have failed for runs again alone, on a connection where nobody waits for
// it, and the others share again.
// It is bounded by its deadline wherever it is: waiting, sent, or between retries. Serialization
// failures and deadlocks run again as a whole, up to five times; a batch that certainly did not
// run (server going away or read-only), only reads or is rolled back runs once more. A lost write
// is UNAVAILABLE: it may have happened. While no server can be reached batches fail at once with
// UNAVAILABLE and one attempt after another is made, with growing pauses, to the hosts of the
// conninfo in turn.
//
// Everything runs on the lane. Close before the lane stops.
class Pool final : private async::TurnEnd, private Connection::Owner {
 public:
  Pool(async::Lane& lane, async::Watcher& watcher, async::Helpers& helpers, PoolOptions options,
       Observer& observer);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // co_await pool.Run(batch): a Rows for each statement, in order.
  auto Run(Batch batch) { return RunAwaiter(*this, std::move(batch)); }
  // co_await pool.Query(deadline, bound): one statement, its Rows.
  auto Query(async::Instant deadline, Bound bound) {
    return QueryAwaiter(*this, Batch(deadline, std::move(bound)));
  }

  // Waits for what is in flight, then closes. New batches are UNAVAILABLE from now on.
  async::Task<absl::Status> Close();
  // Gives up what waits and what is in flight: their calls end with UNAVAILABLE.
  void Abort();

  // Whether a server that takes writes is connected.
  bool available() const { return !writers_.empty(); }

  Load load() const;

  async::Lane& lane() { return lane_; }

 private:
  class RunAwaiter {
   public:
    RunAwaiter(Pool& pool, Batch batch) : pool_(pool), batch_(std::move(batch)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) {
      waiter_.coroutine = coroutine;
      pool_.Submit(std::move(batch_), &waiter_);
    }
    absl::StatusOr<std::vector<Rows>> await_resume() { return std::move(waiter_.answer); }

   private:
    Pool& pool_;
    Batch batch_;
    Waiter waiter_;
  };
  class QueryAwaiter : public RunAwaiter {
   public:
    using RunAwaiter::RunAwaiter;
    absl::StatusOr<Rows> await_resume() {
      auto rows = RunAwaiter::await_resume();
      if (!rows.ok()) return rows.status();
      return std::move(rows->front());
    }
  };
  using Waiting = std::list<std::unique_ptr<Group>>;
  using Connections = std::vector<std::unique_ptr<Connection>>;

  void Submit(Batch batch, Waiter* waiter);
  void OnTurnEnd() override;
  void OnAnswered(std::unique_ptr<Group> group) override;
  void OnDeadline(Group* group);

  void SendWaiting();
  // Takes the group at `next`, and those after it that may share its transaction.
  Groups TakeSharing(Waiting::iterator& next);
  // The connections with the fewest flights that may be sent to. Only one of several has a suspect,
  // and nothing is sent behind it: it may wait for long.
  struct Ways {
    Connection* for_suspects = nullptr;
    Connection* for_others = nullptr;
    bool any() const { return for_others != nullptr; }
  };
  Ways WaysTo(const Connections& connections) const;
  bool MayRetry(const Group& group) const;
  void Requeue(std::unique_ptr<Group> group);
  void Answer(Group& group, absl::StatusOr<std::vector<Rows>> answer);
  void FailWaiting();
  void Tell();
  void DropDeadConnections();
  void KeepConnected();
  void Keep(Connections& connections, int wanted, int& opening);
  async::Detached Open(Connections& connections, int& opening);
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& connection : writers_) visit(*connection);
    for (const auto& connection : readers_) visit(*connection);
  }

  async::Lane& lane_;
  async::Watcher& watcher_;
  async::Helpers& helpers_;
  const PoolOptions options_;
  Observer& observer_;

  Waiting waiting_;
  Connections writers_;
  Connections readers_;  // None with a single connection: then all share it.
  int opening_writers_ = 0;
  int opening_readers_ = 0;
  bool unreachable_ = false;  // The last attempt to connect failed and no connection is left.
  std::chrono::milliseconds pause_{0};
  async::Instant next_attempt_;
  async::Timer attempt_timer_;
  bool closing_ = false;
  bool told_available_ = false;
  Load told_load_;
  async::Wakeup changed_;
};

}  // namespace usher::pg
