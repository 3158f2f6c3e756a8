#include "async/timer.h"

#include <utility>

namespace usher::async {

bool Timers::RunDue(Instant now) {
  bool ran = false;
  while (!due_.empty() && due_.begin()->first <= now) {
    Timer* timer = due_.begin()->second;
    auto on_due = std::move(timer->on_due_);
    timer->Cancel();
    on_due();  // Last touch: it may destroy the timer.
    ran = true;
  }
  return ran;
}

void Timer::Arm(Instant at, absl::AnyInvocable<void()> on_due) {
  Cancel();
  on_due_ = std::move(on_due);
  position_ = timers_.due_.emplace(at, this);
  armed_ = true;
}

void Timer::Cancel() {
  if (!std::exchange(armed_, false)) return;
  timers_.due_.erase(position_);
  on_due_ = nullptr;
}

}  // namespace usher::async
