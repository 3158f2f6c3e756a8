#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "async/lane.h"

namespace usher::async {

// Threads for what blocks and so must not run on a lane: connecting, SMTP, reading files.
//
// Destruction runs what was queued and joins; a blocked job delays it, so jobs bound themselves.
class Helpers {
 public:
  explicit Helpers(int threads);
  ~Helpers();
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  // Runs `job` on a helper thread. From any thread.
  void Submit(absl::AnyInvocable<void()> job);

  // co_await helpers.Run(lane, function): the function's result, back on the lane. The awaiting
  // frame must stay alive until then, so whoever stops a lane first ends what awaits on it.
  template <class Function>
  auto Run(Lane& lane, Function function) {
    return Job<Function>(*this, lane, std::move(function));
  }

 private:
  template <class Function>
  class Job {
   public:
    using Result = std::invoke_result_t<Function&>;
    Job(Helpers& helpers, Lane& lane, Function function)
        : helpers_(helpers), lane_(lane), function_(std::move(function)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiter) {
      helpers_.Submit([this, awaiter] {
        result_.emplace(function_());
        lane_.Post([awaiter] { awaiter.resume(); });
      });
    }
    Result await_resume() { return *std::move(result_); }

   private:
    Helpers& helpers_;
    Lane& lane_;
    Function function_;
    std::optional<Result> result_;
  };

  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<absl::AnyInvocable<void()>> jobs_;  // guarded by mutex_
  bool stopping_ = false;                        // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace usher::async
