#include "events/follower.h"

#include <utility>

#include "async/try.h"
#include "events/horizon.h"
#include "events/rows.h"

namespace usher::events {
namespace {

constexpr std::chrono::seconds kStatementTime{10};
constexpr std::chrono::seconds kPauseAfterFailure{1};

constexpr pg::Statement kFollow{"events.follow",
                                "SELECT " USHER_EVENT_COLUMNS
                                " FROM usher.events e"
                                " WHERE (e.xact, e.sequence) > ($1::text::xid8, $2)"
                                " AND " USHER_EVENT_SETTLED " ORDER BY e.xact, e.sequence LIMIT $3",
                                /*read_only=*/true};

}  // namespace

Follower::Follower(async::Lane& lane, pg::Pool& db, FollowerOptions options,
                   FollowerObserver& observer)
    : lane_(lane), db_(db), options_(options), observer_(observer), wakeup_(lane), stopped_(lane) {}

void Follower::Start() {
  running_ = true;
  Run();
}

async::Task<absl::Status> Follower::Stop() {
  stopping_ = true;
  wakeup_.Notify();
  while (running_) co_await stopped_.Until(async::kNever);
  co_return absl::OkStatus();
}

void Follower::Want(int change) {
  if (wanted_.fetch_add(change) == 0 && change > 0) WakeUp();
}

void Follower::Hint() {
  if (wanted_.load(std::memory_order_relaxed) > 0) WakeUp();
}

void Follower::WakeUp() {
  if (waking_.exchange(true)) return;
  lane_.Post([this] {
    waking_ = false;
    wakeup_.Notify();
  });
}

async::Detached Follower::Run() {
  while (!stopping_) {
    if (wanted_ == 0) {
      position_.reset();
      co_await wakeup_.Until(async::kNever);
      continue;
    }
    const async::Instant start = lane_.now();
    auto slice = co_await Read();
    std::chrono::milliseconds pause = kPauseAfterFailure;
    if (slice.ok()) {
      const bool more = std::cmp_equal(slice->events.size(), options_.batch);
      pause = more ? std::chrono::milliseconds(0) : options_.poll;
      Distribute(*std::move(slice));
    }
    const bool told = co_await wakeup_.Until(start + pause);
    if (told && !stopping_) {
      co_await lane_.SleepUntil(start + std::min(pause, options_.least));
    }
  }
  running_ = false;
  stopped_.Notify();
}

async::Task<absl::StatusOr<Slice>> Follower::Read() {
  // The horizon comes first: what is read after it goes at least that far.
  const async::Instant asked_at = lane_.now();
  pg::Batch batch(asked_at + kStatementTime);
  batch.Add(AskHorizon());
  if (position_) {
    batch.Add(pg::Bind(kFollow, std::to_string(position_->xact), position_->sequence,
                       int64_t{options_.batch}));
  }
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  const Horizon horizon = ReadHorizon(answers[0][0]);
  // What was purged before it was read is missed; another server may have lost what was read, and
  // gives its transaction ids to others.
  if (std::exchange(server_, horizon.server) != horizon.server) position_.reset();
  if (position_ && *position_ < horizon.purged) position_.reset();
  Slice slice;
  slice.time = horizon.time;
  slice.server = horizon.server;
  slice.next_xact = horizon.next_xact;
  slice.asked_at = asked_at;
  slice.after = position_.value_or(horizon.settled);
  slice.upto = std::max(slice.after, horizon.settled);
  if (!position_) co_return slice;
  for (const pg::Row row : answers[1]) slice.events.push_back(ReadEvent(row, 0));
  if (slice.events.empty()) co_return slice;
  const Position last = slice.events.back().position;
  const bool full = std::cmp_equal(slice.events.size(), options_.batch);
  slice.upto = full ? last : std::max(last, slice.upto);
  co_return slice;
}

void Follower::Distribute(Slice slice) {
  position_ = slice.upto;
  absl::Duration oldest;
  for (const Event& event : slice.events) oldest = std::max(oldest, slice.time - event.time);
  observer_.Followed(slice.events.size(), oldest);
  const auto shared = std::make_shared<const Slice>(std::move(slice));
  for (const Target& target : readers_) {
    target.lane->Post([&target, shared] { target.reader(shared); });
  }
}

}  // namespace usher::events
