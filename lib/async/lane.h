#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <coroutine>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "async/timer.h"

namespace usher::async {

// A completion-queue tag. Fire runs on the lane's thread; `ok` is what the queue said.
class Event {
 public:
  virtual void Fire(bool ok) = 0;

 protected:
  ~Event() = default;
};

// Told at the end of each turn, when nothing more is ready: the place to send what was queued.
class TurnEnd {
 public:
  virtual void OnTurnEnd() = 0;

 protected:
  ~TurnEnd() = default;
};

// One thread that polls one completion queue: calls, timers, sockets, posted work.
//
// Everything that belongs to a lane (its calls, its PostgreSQL connections, their coroutines) runs
// on its thread, so none of it needs a lock; nothing on it may block. Post is the only member that
// other threads may call, besides Stop. Without Start, a test drives the lane by RunOnce on its
// own thread. The end: stop whatever watches sockets, then Stop (which drains the queue).
class Lane {
 public:
  using Clock = Instant (*)();

  explicit Lane(
      std::unique_ptr<grpc::CompletionQueue> queue = std::make_unique<grpc::CompletionQueue>(),
      Clock clock = &std::chrono::steady_clock::now);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Runs the lane on a thread of its own until Stop.
  void Start();
  // Shuts the queue down, drains it and joins the thread. Work posted later is dropped.
  void Stop();

  // One turn: runs what is ready, or waits for the first thing until `until`.
  // False once the queue is shut down and empty.
  bool RunOnce(Instant until);

  // Runs `work` on the lane, soon. From any thread; dropped once the lane is stopped.
  void Post(absl::AnyInvocable<void()> work);

  // Resumes `coroutine` later in this turn, from the lane's own loop. On the lane only.
  void Resume(std::coroutine_handle<> coroutine) { resumable_.push_back(coroutine); }

  bool started() const { return thread_.joinable(); }
  bool OnLane() const { return runner_ == std::this_thread::get_id(); }
  grpc::CompletionQueue& queue() { return *queue_; }
  Timers& timers() { return timers_; }
  Instant now() const { return clock_(); }

  void AddTurnEnd(TurnEnd* listener) { turn_ends_.push_back(listener); }
  void RemoveTurnEnd(TurnEnd* listener) { std::erase(turn_ends_, listener); }

  // co_await lane.SleepUntil(instant): resumes on the lane at that time.
  auto SleepUntil(Instant at) { return Sleep(*this, at); }
  auto SleepFor(std::chrono::nanoseconds duration) { return Sleep(*this, now() + duration); }

 private:
  class Sleep {
   public:
    Sleep(Lane& lane, Instant at) : timer_(lane.timers_), at_(at) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> sleeper) {
      timer_.Arm(at_, [sleeper] { sleeper.resume(); });
    }
    void await_resume() const noexcept {}

   private:
    Timer timer_;
    Instant at_;
  };

  // Ends a wait in the queue for the sake of posted work.
  struct Wake final : Event {
    explicit Wake(Lane& woken) : lane(woken) {}
    void Fire(bool ok) override;
    Lane& lane;
  };

  void Run();
  bool RunReady();
  bool RunPosted();
  bool ResumeAll();
  grpc::CompletionQueue::NextStatus Poll(Instant until);

  std::unique_ptr<grpc::CompletionQueue> queue_;
  Clock clock_;
  Timers timers_;
  std::vector<TurnEnd*> turn_ends_;
  std::vector<std::coroutine_handle<>> resumable_;
  std::thread::id runner_;
  bool drained_ = false;

  std::mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> posted_;  // guarded by mutex_
  bool stopped_ = false;                           // guarded by mutex_
  bool wake_pending_ = false;                      // guarded by mutex_
  Wake wake_{*this};
  grpc::Alarm alarm_;
  std::thread thread_;
};

}  // namespace usher::async
