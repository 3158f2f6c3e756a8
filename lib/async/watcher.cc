#include "async/watcher.h"

#include <grpc/support/time.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace usher::async {
namespace {

constexpr uint64_t kStopId = 0;

void Control(int epoll, int operation, int socket, uint32_t events, uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  epoll_ctl(epoll, operation, socket, &event);
}

}  // namespace

// Shared by the watch, the watcher's table and, while an event is on its way, itself.
struct Watcher::Watched final : Event {
  Watched(Watcher& by, Lane& on, absl::AnyInvocable<void()> call)
      : watcher(by), lane(on), on_ready(std::move(call)) {}

  void Fire(bool) override {
    std::shared_ptr<Watched> self;
    {
      const std::lock_guard lock(watcher.mutex_);
      self = std::move(in_flight);
    }
    if (!on_ready) return;
    // Held here meanwhile, since the call may end the watch.
    auto call = std::move(on_ready);
    call();
    if (!ended) on_ready = std::move(call);
  }

  Watcher& watcher;
  Lane& lane;
  absl::AnyInvocable<void()> on_ready;  // These two: on the lane only.
  bool ended = false;
  grpc::Alarm alarm;
  std::shared_ptr<Watched> in_flight;  // Guarded by the watcher's mutex.
};

Watcher::Watcher()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), stop_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  Control(epoll_, EPOLL_CTL_ADD, stop_, EPOLLIN, kStopId);
  thread_ = std::thread([this] { Run(); });
}

Watcher::~Watcher() {
  eventfd_write(stop_, 1);
  thread_.join();
  close(stop_);
  close(epoll_);
}

void Watcher::Run() {
  std::array<epoll_event, 64> events;
  while (true) {
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      if (event.data.u64 == kStopId) return;
      Deliver(event.data.u64);
    }
  }
}

void Watcher::Deliver(uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(id);
  if (found == watched_.end()) return;
  Watched& watched = *found->second;
  watched.in_flight = found->second;
  watched.alarm.Set(&watched.lane.queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC),
                    static_cast<Event*>(&watched));
}

Watch::Watch(Lane& lane, Watcher& watcher, int socket, absl::AnyInvocable<void()> on_ready)
    : watcher_(watcher),
      socket_(socket),
      watched_(std::make_shared<Watcher::Watched>(watcher, lane, std::move(on_ready))) {
  const std::lock_guard lock(watcher_.mutex_);
  id_ = ++watcher_.last_id_;
  watcher_.watched_.emplace(id_, watched_);
  Control(watcher_.epoll_, EPOLL_CTL_ADD, socket_, 0, id_);
}

Watch::~Watch() {
  watched_->ended = true;
  watched_->on_ready = nullptr;
  const std::lock_guard lock(watcher_.mutex_);
  Control(watcher_.epoll_, EPOLL_CTL_DEL, socket_, 0, id_);
  watcher_.watched_.erase(id_);
}

void Watch::Arm(bool write) {
  const uint32_t events = EPOLLONESHOT | EPOLLIN | (write ? EPOLLOUT : 0U);
  const std::lock_guard lock(watcher_.mutex_);
  // With an event on its way, the lane arms again when it gets that one.
  if (watched_->in_flight == nullptr) Control(watcher_.epoll_, EPOLL_CTL_MOD, socket_, events, id_);
}

}  // namespace usher::async
