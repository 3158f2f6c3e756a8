#include "pg/pool.h"

#include <algorithm>
#include <random>
#include <utility>

namespace usher::pg {
namespace {

using std::chrono::milliseconds;

constexpr int kMostAttempts = 6;
constexpr int kMostSharedFailures = 3;
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{2000};
// How long an answer may be overdue before its session is given up: statement_timeout ends a
// statement, but not a server that is stopped or a commit that waits for a standby.
constexpr milliseconds kOverdue{1000};

// Half to one and a half of `base`, so that those who failed together do not return together.
milliseconds Jittered(milliseconds base) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int64_t> spread(base.count() / 2, base.count() * 3 / 2);
  return milliseconds(spread(random));
}

absl::Status Unreachable() {
  Error lost;
  lost.message = "no server can be reached";
  return ToStatus(lost);
}

}  // namespace

Pool::Pool(async::Lane& lane, async::Watcher& watcher, async::Helpers& helpers, PoolOptions options,
           Observer& observer)
    : lane_(lane),
      watcher_(watcher),
      helpers_(helpers),
      options_(std::move(options)),
      observer_(observer),
      next_attempt_(lane.now()),
      attempt_timer_(lane.timers()),
      changed_(lane) {
  lane_.AddTurnEnd(this);
}

Pool::~Pool() { lane_.RemoveTurnEnd(this); }

Load Pool::load() const {
  Load load{writers_.size() + readers_.size(), 0, waiting_.size()};
  ForEach([&load](const Connection& connection) { load.in_flight += connection.in_flight(); });
  return load;
}

void Pool::Submit(Batch batch, Waiter* waiter) {
  auto group = std::make_unique<Group>(std::move(batch), waiter, lane_);
  if (closing_ || unreachable_) return Answer(*group, Unreachable());
  if (waiting_.size() >= options_.most_waiting) {
    return Answer(*group, absl::ResourceExhaustedError("too many calls wait for the database"));
  }
  Group* queued = group.get();
  queued->deadline_timer.Arm(queued->batch.deadline(), [this, queued] { OnDeadline(queued); });
  waiting_.push_back(std::move(group));
}

void Pool::Answer(Group& group, absl::StatusOr<std::vector<Rows>> answer) {
  group.deadline_timer.Cancel();
  Waiter* waiter = std::exchange(group.waiter, nullptr);
  if (waiter == nullptr) return;
  waiter->answer = std::move(answer);
  // Not from inside the caller: it may be in the middle of a list, or of await_suspend.
  lane_.Resume(waiter->coroutine);
}

void Pool::OnTurnEnd() {
  DropDeadConnections();
  SendWaiting();
  KeepConnected();
  Tell();
  if (closing_) changed_.Notify();
}

void Pool::Tell() {
  if (!closing_ && told_available_ != available()) {
    told_available_ = available();
    observer_.Available(told_available_);
  }
  const Load now = load();
  if (now == told_load_) return;
  told_load_ = now;
  observer_.Loaded(now);
}

void Pool::OnAnswered(std::unique_ptr<Group> group) {
  group->connection = nullptr;
  const bool going = IsServerGoing(group->error.sqlstate);
  if (group->failed && group->brief && !group->lost && group->waiter != nullptr && !closing_) {
    // By itself a suspect gets an answer of its own; the others may share again.
    ++group->shared_failures;
    group->alone = group->suspect || group->shared_failures >= kMostSharedFailures;
    --group->attempts;
    observer_.Retried("shared");
    Requeue(std::move(group));
  } else if (group->failed && MayRetry(*group)) {
    observer_.Retried(group->lost ? "lost" : group->error.sqlstate);
    Requeue(std::move(group));
  } else if (group->failed) {
    Answer(*group, ToStatus(group->lost ? Error{} : group->error));
  } else {
    Answer(*group, std::move(group->rows));
  }
  // A session that turned read-only or is shutting down answers like this for ever.
  if (going) {
    ForEach([](Connection& connection) { connection.Lose("the server went away"); });
  }
}

bool Pool::MayRetry(const Group& group) const {
  if (group.waiter == nullptr || closing_ || group.attempts >= kMostAttempts) return false;
  if (group.lost) return group.batch.harmless() && group.attempts < 2;
  const std::string& sqlstate = group.error.sqlstate;
  if (IsSerializationTrouble(sqlstate)) return true;
  return (IsServerGoing(sqlstate) && group.attempts < 3) ||
         (IsStalePreparedStatement(sqlstate) && group.attempts < 4);
}

void Pool::Requeue(std::unique_ptr<Group> group) {
  const bool contended = IsSerializationTrouble(group->error.sqlstate);
  group->rows.clear();
  group->error = Error{};
  group->failed = group->lost = group->brief = group->suspect = false;
  if (contended) {
    group->not_before = lane_.now() + Jittered(milliseconds(4 << group->attempts));
    group->retry_timer.Arm(group->not_before, [] {});  // Ends a turn, and that sends it.
  }
  waiting_.push_front(std::move(group));
}

void Pool::OnDeadline(Group* group) {
  const auto late = absl::DeadlineExceededError("the deadline passed before the database answered");
  if (group->connection == nullptr) {
    const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                                 [group](const auto& waiting) { return waiting.get() == group; });
    Answer(*group, late);
    waiting_.erase(at);
    return;
  }
  Answer(*group, late);
  group->deadline_timer.Arm(lane_.now() + kOverdue, [group] {
    if (group->connection != nullptr) group->connection->Lose("an answer is overdue");
  });
}

void Pool::DropDeadConnections() {
  const auto is_dead = [](const auto& connection) { return !connection->alive(); };
  std::erase_if(writers_, is_dead);
  std::erase_if(readers_, is_dead);
}

void Pool::FailWaiting() {
  for (auto& group : std::exchange(waiting_, {})) Answer(*group, Unreachable());
}

void Pool::KeepConnected() {
  if (closing_) return;
  const int readers = options_.connections / 2;
  Keep(writers_, options_.connections - readers, opening_writers_);
  // A server that has just come or gone is first tried with one connection.
  if (available()) Keep(readers_, readers, opening_readers_);
}

void Pool::Keep(Connections& connections, int wanted, int& opening) {
  const int missing = wanted - static_cast<int>(connections.size());
  const int at_once = available() ? missing : 1;
  while (opening < std::min(missing, at_once)) {
    if (lane_.now() < next_attempt_) {
      if (!attempt_timer_.armed()) attempt_timer_.Arm(next_attempt_, [] {});
      return;
    }
    Open(connections, opening);
  }
}

async::Detached Pool::Open(Connections& connections, int& opening) {
  ++opening;
  const PoolOptions& options = options_;
  ConnectionOptions chosen = options_.connection;
  chosen.brief = &connections == &readers_;
  const ConnectionOptions& how = chosen;
  auto connect = [&options, &how]() -> absl::StatusOr<OpenConnection> {
    if (auto ready = options.before_connect(); !ready.ok()) return ready;
    return Connect(options.conninfo, how);
  };
  absl::StatusOr<OpenConnection> session = co_await helpers_.Run(lane_, connect);
  --opening;
  if (closing_) {
    changed_.Notify();
    co_return;
  }
  if (session.ok()) {
    unreachable_ = false;
    pause_ = milliseconds(0);
    Connection::Owner& self = *this;
    connections.push_back(std::make_unique<Connection>(lane_, watcher_, *std::move(session), chosen,
                                                       self, observer_));
    observer_.Connected();
    co_return;
  }
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  next_attempt_ = lane_.now() + Jittered(pause_);
  observer_.Disconnected(std::string(session.status().message()));
  if (!available()) {
    unreachable_ = true;
    FailWaiting();
  }
}

void Pool::Abort() {
  closing_ = true;
  FailWaiting();
  ForEach([](Connection& connection) { connection.Lose("the server is stopping"); });
}

async::Task<absl::Status> Pool::Close() {
  closing_ = true;
  FailWaiting();
  while (opening_writers_ + opening_readers_ > 0 || load().in_flight > 0) {
    co_await changed_.Until(async::kNever);
  }
  writers_.clear();
  readers_.clear();
  co_return absl::OkStatus();
}

}  // namespace usher::pg
