#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <utility>
#include <variant>

namespace usher::async {

template <class T>
class Task;

// Coroutine frames alive in this process; counted in debug builds only, zero otherwise.
// Tests assert that it returns to zero when a lane is idle.
int LiveFrames();

namespace internal {

inline std::atomic<int> live_frames{0};

// Counts the frame it is a member of.
class FrameCount {
 public:
#ifndef NDEBUG
  FrameCount() { live_frames.fetch_add(1, std::memory_order_relaxed); }
  ~FrameCount() { live_frames.fetch_sub(1, std::memory_order_relaxed); }
  FrameCount(const FrameCount&) = delete;
  FrameCount& operator=(const FrameCount&) = delete;
#endif
};

// Resumes whoever awaits the finished task; symmetric, so that a chain does not grow the stack.
struct ResumeAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
    return done.promise().awaiter;
  }
  void await_resume() const noexcept {}
};

template <class T>
struct Promise {
  [[no_unique_address]] FrameCount count;
  std::coroutine_handle<> awaiter = std::noop_coroutine();
  std::variant<std::monostate, T, std::exception_ptr> outcome;

  Task<T> get_return_object() noexcept;
  std::suspend_always initial_suspend() const noexcept { return {}; }
  ResumeAwaiter final_suspend() const noexcept { return {}; }
  template <class U>
  requires std::convertible_to<U&&, T>
  void return_value(U&& value) { outcome.template emplace<1>(std::forward<U>(value)); }
  void unhandled_exception() noexcept { outcome.template emplace<2>(std::current_exception()); }
};

}  // namespace internal

// A computation that starts when it is awaited and is awaited exactly once.
//
// It runs and resumes on the lane of whoever awaits it. An exception that escapes the body is
// rethrown to the awaiter; only the root of a chain catches (see Detached). Tasks answer with a
// value, mostly absl::Status or absl::StatusOr.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    frame_.promise().awaiter = awaiter;
    return frame_;
  }
  T await_resume() {
    auto& outcome = frame_.promise().outcome;
    if (auto* error = std::get_if<2>(&outcome)) std::rethrow_exception(*error);
    return std::get<1>(std::move(outcome));
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

template <class T>
Task<T> internal::Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}

// The root of a coroutine chain: runs at once, owns itself, answers nobody.
// Its body handles every exception; one that escapes ends the process.
struct Detached {
  struct promise_type {
    [[no_unique_address]] internal::FrameCount count;
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline int LiveFrames() { return internal::live_frames.load(std::memory_order_relaxed); }

}  // namespace usher::async
