#include "auth/key_source.h"

#include <utility>

namespace usher::auth {

using Clock = std::chrono::steady_clock;

KeySource::KeySource(Fetch fetch, KeySourceOptions options, Observe observe)
    : fetch_(std::move(fetch)), options_(options), observe_(std::move(observe)) {
  thread_ = std::thread([this] { Run(); });
}

KeySource::~KeySource() { Stop(); }

void KeySource::Abort() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  ResumeAll();
}

void KeySource::Stop() {
  Abort();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const KeySet> KeySource::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool KeySource::Ask(std::shared_ptr<Waiter> waiter) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  if (!due_) {
    const auto now = Clock::now();
    if (last_asked_ && now - *last_asked_ < options_.refresh_interval) return false;
    last_asked_ = now;
    due_ = true;
    changed_.notify_all();
  }
  waiters_.push_back(std::move(waiter));
  return true;
}

void KeySource::Run() {
  while (true) {
    const bool fetched = FetchOnce();
    ResumeAll();
    std::unique_lock lock(mutex_);
    const auto next = Clock::now() + (fetched ? options_.lifetime : options_.retry_after);
    changed_.wait_until(lock, next, [this] { return stopping_ || due_; });
    if (stopping_) break;
    due_ = true;
  }
  ResumeAll();
}

bool KeySource::FetchOnce() {
  absl::StatusOr<std::string> text = fetch_(stopping_);
  if (stopping_) return false;
  if (text.ok() && *text == text_) {
    observe_(absl::OkStatus(), /*changed=*/false);
    return true;
  }
  absl::StatusOr<KeySet> keys = text.ok() ? KeySet::Parse(*text) : text.status();
  if (keys.ok()) {
    const std::lock_guard lock(mutex_);
    keys_ = std::make_shared<const KeySet>(*std::move(keys));
    text_ = *std::move(text);
  }
  observe_(keys.status(), keys.ok());
  return keys.ok();
}

void KeySource::ResumeAll() {
  std::deque<std::shared_ptr<Waiter>> waiters;
  {
    const std::lock_guard lock(mutex_);
    due_ = false;
    waiters.swap(waiters_);
  }
  for (auto& waiter : waiters) {
    async::Lane& lane = waiter->lane;
    lane.Post([waiter = std::move(waiter)] { waiter->Resume(/*by_fetch=*/true); });
  }
}

void KeySource::Waiter::Resume(bool by_fetch) {
  if (std::exchange(resumed, true)) return;
  fetched = by_fetch;
  coroutine.resume();
}

bool KeySource::RefreshAwaiter::await_suspend(std::coroutine_handle<> coroutine) {
  waiter_ = std::make_shared<Waiter>(lane_, coroutine);
  timer_.Arm(deadline_, [waiter = waiter_] { waiter->Resume(/*by_fetch=*/false); });
  // The lane resumes, not the thread: what is asked here cannot be answered before this returns.
  return source_.Ask(waiter_);
}

}  // namespace usher::auth
