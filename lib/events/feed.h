#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "async/wakeup.h"
#include "events/event.h"

namespace usher::events {

// All events after one position up to another one, in the order of the log.
struct Slice {
  Position after;
  Position upto;
  absl::Time time;  // The database's, when it was read.
  // When the server that was asked was started, which tells one server from another; the first
  // transaction id that was not given by then; and an instant before that.
  absl::Time server;
  uint64_t next_xact = 0;
  async::Instant asked_at{};
  std::vector<Event> events;
};

// The newest part of the log, in memory, for the streams of one lane. The follower adds to it; what
// is too much goes at the other end, whether all streams have read it or not.
class Feed {
 public:
  // `most_bytes` bounds the events that are held. `wanted` is told +1 and -1 as streams come and
  // go.
  explicit Feed(
      size_t most_bytes, std::function<void(int)> wanted = [](int) {})
      : most_bytes_(most_bytes), wanted_(std::move(wanted)) {}

  // A stream that is told of news while this lives.
  class Subscription {
   public:
    Subscription(Feed& feed, async::Wakeup& wakeup);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    Feed& feed_;
    async::Wakeup& wakeup_;
  };

  // The next slice; one that does not begin where the last ended is a new beginning. Dropped while
  // there is no stream.
  void Add(std::shared_ptr<const Slice> slice);

  // Where what is held begins; nothing before the first slice.
  std::optional<Position> begin() const;
  // The slice in which `position`, which is not before begin(), is continued; none if it is at the
  // end.
  std::shared_ptr<const Slice> After(Position position) const;
  // Counts the new beginnings.
  int beginnings() const { return beginnings_; }
  absl::Time time() const { return time_; }
  size_t bytes() const { return bytes_; }

 private:
  static size_t BytesOf(const Slice& slice);
  void Clear();

  const size_t most_bytes_;
  std::function<void(int)> wanted_;
  std::deque<std::shared_ptr<const Slice>> slices_;
  size_t bytes_ = 0;
  int beginnings_ = 0;
  absl::Time time_ = absl::InfinitePast();
  std::set<async::Wakeup*> subscribers_;
};

}  // namespace usher::events
