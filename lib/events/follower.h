#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "async/lane.h"
#include "async/task.h"
#include "async/wakeup.h"
#include "events/feed.h"
#include "pg/pool.h"

namespace usher::events {

struct FollowerOptions {
  std::chrono::milliseconds poll{100};
  // The least time between two readings, whatever is hinted.
  std::chrono::milliseconds least{10};
  int batch = 1000;
};

// Told what was read, on the follower's lane.
class FollowerObserver {
 public:
  virtual ~FollowerObserver() = default;
  // How many events, and for how long the oldest of them had been there.
  virtual void Followed(size_t /*events*/, absl::Duration /*oldest*/) {}
};

// Reads the log as it grows and gives it to those who want it on all lanes: one query for all of
// the process, and none while nobody wants any.
//
// It reads what is below the oldest transaction that still runs, so that nothing which commits late
// is skipped; how long one runs is how late all others are seen. It polls: a NOTIFY in each change
// would make commits wait for one another. Changes that this process makes are hinted.
class Follower {
 public:
  Follower(async::Lane& lane, pg::Pool& db, FollowerOptions options, FollowerObserver& observer);

  // Before Start. `reader` is told on `lane`, of slices that continue each other; one that does not
  // is a new beginning.
  using Reader = std::function<void(const std::shared_ptr<const Slice>&)>;
  void AddReader(async::Lane& lane, Reader reader) {
    readers_.push_back({&lane, std::move(reader)});
  }

  void Start();
  // Ends reading; from the lane.
  async::Task<absl::Status> Stop();

  // Somebody came (+1) or went (-1) who wants it. From any thread.
  void Want(int change);
  // Something has been committed. From any thread.
  void Hint();

 private:
  struct Target {
    async::Lane* lane;
    Reader reader;
  };

  async::Detached Run();
  async::Task<absl::StatusOr<Slice>> Read();
  void Distribute(Slice slice);
  void WakeUp();

  async::Lane& lane_;
  pg::Pool& db_;
  const FollowerOptions options_;
  FollowerObserver& observer_;
  std::vector<Target> readers_;
  std::optional<Position> position_;  // None: begin with what comes next.
  absl::Time server_ = absl::InfinitePast();
  std::atomic<int> wanted_{0};
  std::atomic<bool> waking_{false};
  bool running_ = false;
  bool stopping_ = false;
  async::Wakeup wakeup_;
  async::Wakeup stopped_;
};

}  // namespace usher::events
