#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "async/lane.h"
#include "async/task.h"
#include "events/events.h"
#include "events/feed.h"
#include "events/horizon.h"
#include "model/caller.h"

namespace usher::events {

struct WatchQuery {
  Scope scope;  // An organization or a user.
  Filter filter;
  std::optional<Position> after;  // None: what comes from now on.
};

struct WatchOptions {
  // How often the right is asked for again. It also is when an event says that it may be lost.
  std::chrono::milliseconds recheck{30'000};
  // For how long a database that does not answer is no reason to end.
  std::chrono::milliseconds patience{60'000};
  int page = 500;
};

// One reader of the log: first what is stored after its position, page by page, then what the feed
// brings. Each event once, in order.
class Watch {
 public:
  Watch(Events& events, Feed& feed, async::Lane& lane, model::Call call, WatchQuery query,
        WatchOptions options = {});

  // Decides whether it may be read from there, before anything else is called. NOT_FOUND
  // ORGANIZATION_NOT_FOUND or USER_NOT_FOUND, PERMISSION_DENIED PERMISSION_MISSING, OUT_OF_RANGE
  // EVENT_POSITION_TOO_OLD, INVALID_ARGUMENT for a position that no change can have had.
  async::Task<absl::Status> Start();

  // What comes next; nothing when there is nothing now. The refusals of Start when the right was
  // lost, and RESOURCE_EXHAUSTED OVERLOADED when the feed no longer has what comes next: then the
  // reader took too long with what it got.
  async::Task<absl::StatusOr<std::vector<Event>>> Next();

  // Everything up to here has been returned.
  Position position() const { return position_; }
  // Whether Next would return at once with more, so that the end is not reached.
  bool behind() const;
  // Whether it has caught up and reads from the feed.
  bool live() const { return live_.has_value(); }
  // The database's time at position().
  absl::Time time() const { return std::max(time_, feed_.time()); }
  // When Next should be called at the latest.
  async::Instant next_check() const { return next_check_; }

 private:
  async::Task<absl::StatusOr<std::vector<Event>>> ReadStored();
  async::Task<absl::StatusOr<std::vector<Event>>> ReadFeed();
  async::Task<absl::Status> Authorize();
  absl::Status CheckPosition(const Horizon& horizon) const;
  bool MayEndRight(const Event& event) const;
  bool IsEndOfOrganization(const Event& event) const;
  bool InScope(const Event& event) const;

  Events& events_;
  Feed& feed_;
  async::Lane& lane_;
  model::Call call_;
  const WatchQuery query_;
  const WatchOptions options_;
  Position position_;
  absl::Time time_ = absl::InfinitePast();
  std::optional<int> live_;  // Reads from the feed, from this beginning of it.
  bool more_ = true;         // There may be more stored than was read.
  async::Instant next_check_;
  async::Instant last_check_;
};

}  // namespace usher::events
