#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "async/lane.h"
#include "auth/key_set.h"

namespace usher::auth {

struct KeySourceOptions {
  std::chrono::milliseconds lifetime = std::chrono::minutes(10);     // Then keys are fetched again.
  std::chrono::milliseconds retry_after = std::chrono::seconds(30);  // After a fetch that failed.
  // At most one fetch in this time because of keys that are not known.
  std::chrono::milliseconds refresh_interval = std::chrono::minutes(1);
};

// The keys of one issuer, kept current on a thread of its own.
//
// A fetch that fails leaves the last good keys in use, however old. Whoever misses a key may ask
// for a fetch and wait for it: all who ask while one runs or is due share it, and a flood of
// unknown keys causes no more than one in refresh_interval. Any thread may use it.
class KeySource {
 public:
  // Gets the text of the JWK Set; bounds its own time and gives up when `stopping` turns true.
  using Fetch = absl::AnyInvocable<absl::StatusOr<std::string>(const std::atomic<bool>& stopping)>;
  // Told after each fetch, on the source's thread: why it failed, or whether the keys changed.
  using Observe = absl::AnyInvocable<void(const absl::Status& status, bool changed)>;

  KeySource(Fetch fetch, KeySourceOptions options, Observe observe);
  ~KeySource();
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  // None before the first fetch that went well. The same object as long as the keys are the same.
  std::shared_ptr<const KeySet> keys() const;

  // co_await source.Refreshed(lane, deadline): whether a fetch has ended meanwhile. False at once
  // if none is allowed yet, and at the deadline.
  auto Refreshed(async::Lane& lane, async::Instant deadline) {
    return RefreshAwaiter(*this, lane, deadline);
  }

  // Resumes all who wait, and all who will: nothing is fetched any more.
  void Abort();
  // Likewise, and ends the thread. Before the lanes that use it stop.
  void Stop();

 private:
  // Resumed on its lane, once: by the fetch or by the deadline.
  struct Waiter {
    async::Lane& lane;
    std::coroutine_handle<> coroutine;
    bool resumed = false;
    bool fetched = false;

    void Resume(bool by_fetch);
  };

  class RefreshAwaiter {
   public:
    RefreshAwaiter(KeySource& source, async::Lane& lane, async::Instant deadline)
        : source_(source), lane_(lane), deadline_(deadline), timer_(lane.timers()) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine);
    bool await_resume() const { return waiter_->fetched; }

   private:
    KeySource& source_;
    async::Lane& lane_;
    async::Instant deadline_;
    async::Timer timer_;
    std::shared_ptr<Waiter> waiter_;
  };

  // False if no fetch is allowed: nothing will resume the waiter.
  bool Ask(std::shared_ptr<Waiter> waiter);
  void Run();
  bool FetchOnce();
  void ResumeAll();

  Fetch fetch_;
  const KeySourceOptions options_;
  Observe observe_;
  std::string text_;  // of the keys in use; on the thread only
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const KeySet> keys_;           // guarded by mutex_
  std::deque<std::shared_ptr<Waiter>> waiters_;  // guarded by mutex_
  bool due_ = true;                              // A fetch runs or is about to; guarded by mutex_.
  std::optional<async::Instant> last_asked_;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace usher::auth
