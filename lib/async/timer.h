#pragma once

#include <chrono>
#include <map>

#include "absl/functional/any_invocable.h"

namespace usher::async {

// Time inside the process is monotonic; wall-clock time comes from the database.
using Instant = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
constexpr Instant kNever = Instant::max();

class Timer;

// Timers of one lane, ordered by when they are due. Not thread-safe.
class Timers {
 public:
  Instant next() const { return due_.empty() ? kNever : due_.begin()->first; }
  // Runs those due at `now`, earliest first; true if any ran.
  bool RunDue(Instant now);

 private:
  friend Timer;
  std::multimap<Instant, Timer*> due_;
};

// Calls back once at an instant unless canceled or destroyed before. Lives on one lane.
class Timer {
 public:
  explicit Timer(Timers& timers) : timers_(timers) {}
  ~Timer() { Cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void Arm(Instant at, absl::AnyInvocable<void()> on_due);
  void Cancel();
  bool armed() const { return armed_; }

 private:
  friend Timers;
  Timers& timers_;
  std::multimap<Instant, Timer*>::iterator position_;
  absl::AnyInvocable<void()> on_due_;
  bool armed_ = false;
};

}  // namespace usher::async
