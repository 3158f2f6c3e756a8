#pragma once

#include <coroutine>
#include <utility>

#include "async/lane.h"

namespace usher::async {

// Lets one coroutine sleep until it is notified or a time comes. Lives on one lane.
// A notification while nobody waits is kept for the next wait.
class Wakeup {
 public:
  explicit Wakeup(Lane& lane) : lane_(lane), timer_(lane.timers()) {}

  void Notify() {
    notified_ = true;
    timer_.Cancel();
    if (auto waiter = std::exchange(waiter_, nullptr)) lane_.Resume(waiter);
  }

  // co_await wakeup.Until(at): true when notified, false when the time came first.
  auto Until(Instant at) { return Wait{*this, at}; }

 private:
  struct Wait {
    bool await_ready() const noexcept { return wakeup.notified_; }
    void await_suspend(std::coroutine_handle<> waiter) {
      wakeup.waiter_ = waiter;
      if (at == kNever) return;
      wakeup.timer_.Arm(at, [this] { std::exchange(wakeup.waiter_, nullptr).resume(); });
    }
    bool await_resume() noexcept { return std::exchange(wakeup.notified_, false); }

    Wakeup& wakeup;
    Instant at;
  };

  Lane& lane_;
  Timer timer_;
  std::coroutine_handle<> waiter_;
  bool notified_ = false;
};

}  // namespace usher::async
