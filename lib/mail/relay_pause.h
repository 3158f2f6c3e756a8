#pragma once

#include <algorithm>
#include <chrono>

#include "async/timer.h"

namespace usher::mail {

// How long a mail server that turns sessions away is left alone: not at all while it answers; then
// for pauses that double from failure to failure, with a single mail to try after each.
class RelayPause {
 public:
  struct Options {
    std::chrono::milliseconds first{2000};
    std::chrono::milliseconds longest{300'000};
  };

  explicit RelayPause(Options options) : options_(options) {}

  // It took part in a session, whatever it said of the mail.
  void Answered() {
    next_ = options_.first;
    probing_ = false;
  }
  // It turned one away at `now`. Sessions that ran side by side count once.
  void TurnedAway(async::Instant now) {
    if (now < until_) return;
    until_ = now + next_;
    next_ = std::min(next_ * 2, options_.longest);
    probing_ = true;
  }

  async::Instant until() const { return until_; }
  // How many of `room` new sessions may be begun at `now` while `running` others are under way.
  int Allowed(int room, int running, async::Instant now) const {
    if (now < until_) return 0;
    return probing_ ? std::clamp(1 - running, 0, room) : room;
  }

 private:
  const Options options_;
  std::chrono::milliseconds next_ = options_.first;
  async::Instant until_ = async::Instant::min();
  bool probing_ = false;
};

}  // namespace usher::mail
