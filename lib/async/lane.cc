#include "async/lane.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <utility>

namespace usher::async {
namespace {

// The most completions taken before queued statements are sent: bounds what a burst adds to the
// latency of its first call, and is far above what coalesces usefully.
constexpr int kMostEventsPerTurn = 128;

gpr_timespec ToTimespec(Instant at) {
  if (at == kNever) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const auto since = at.time_since_epoch();
  if (since.count() <= 0) return gpr_inf_past(GPR_CLOCK_MONOTONIC);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::chrono::nanoseconds rest = since - seconds;
  return {seconds.count(), static_cast<int32_t>(rest.count()), GPR_CLOCK_MONOTONIC};
}

}  // namespace

Lane::Lane(std::unique_ptr<grpc::CompletionQueue> queue, Clock clock)
    : queue_(std::move(queue)), clock_(clock), runner_(std::this_thread::get_id()) {}

Lane::~Lane() { Stop(); }

void Lane::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Lane::Run() {
  runner_ = std::this_thread::get_id();
  while (RunOnce(kNever)) {
  }
}

void Lane::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
    posted_.clear();
    queue_->Shutdown();
  }
  if (thread_.joinable()) {
    thread_.join();
  } else {
    while (RunOnce(kNever)) {
    }
  }
}

void Lane::Post(absl::AnyInvocable<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  posted_.push_back(std::move(work));
  if (std::exchange(wake_pending_, true)) return;
  alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), static_cast<Event*>(&wake_));
}

// The posted work itself runs in the next turn.
void Lane::Wake::Fire(bool) {
  const std::lock_guard lock(lane.mutex_);
  lane.wake_pending_ = false;
}

bool Lane::RunOnce(Instant until) {
  bool idle = !RunReady();
  idle &= !RunPosted();
  idle &= !timers_.RunDue(now());
  idle &= !ResumeAll();
  for (size_t i = 0; i < turn_ends_.size(); ++i) turn_ends_[i]->OnTurnEnd();
  idle &= !ResumeAll();
  if (drained_) return false;
  if (idle) Poll(std::min(until, timers_.next()));
  return true;
}

// Takes what is ready now; true if there was anything.
bool Lane::RunReady() {
  const Instant past = Instant::min();
  int taken = 0;
  while (taken < kMostEventsPerTurn && Poll(past) == grpc::CompletionQueue::GOT_EVENT) ++taken;
  return taken > 0;
}

bool Lane::RunPosted() {
  std::deque<absl::AnyInvocable<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (auto& item : work) item();
  return !work.empty();
}

bool Lane::ResumeAll() {
  const bool any = !resumable_.empty();
  while (!resumable_.empty()) {
    const auto batch = std::exchange(resumable_, {});
    for (const auto coroutine : batch) coroutine.resume();
  }
  return any;
}

grpc::CompletionQueue::NextStatus Lane::Poll(Instant until) {
  void* tag = nullptr;
  bool ok = false;
  const auto status = queue_->AsyncNext(&tag, &ok, ToTimespec(until));
  if (status == grpc::CompletionQueue::GOT_EVENT) static_cast<Event*>(tag)->Fire(ok);
  if (status == grpc::CompletionQueue::SHUTDOWN) drained_ = true;
  return status;
}

}  // namespace usher::async
