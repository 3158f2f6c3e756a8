#pragma once

#include <grpcpp/alarm.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "absl/functional/any_invocable.h"
#include "async/lane.h"

namespace usher::async {

// Tells lanes that their sockets are ready: the one thread that waits in epoll.
//
// A lane blocks in its completion queue, which cannot wait for a file descriptor, so this thread
// does and turns readiness into an event of that queue. Outlives every Watch.
class Watcher {
 public:
  Watcher();
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  friend class Watch;
  struct Watched;

  void Run();
  void Deliver(uint64_t id);

  int epoll_;
  int stop_;
  std::mutex mutex_;
  std::unordered_map<uint64_t, std::shared_ptr<Watched>> watched_;  // guarded by mutex_
  uint64_t last_id_ = 0;                                            // guarded by mutex_
  std::thread thread_;
};

// One socket watched for one lane. Lives on the lane; destroyed before the socket is closed.
class Watch {
 public:
  // `on_ready` runs on the lane, at most once for each Arm.
  Watch(Lane& lane, Watcher& watcher, int socket, absl::AnyInvocable<void()> on_ready);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Asks for the next readiness: to read, and with `write` also to write.
  void Arm(bool write);

 private:
  Watcher& watcher_;
  int socket_;
  uint64_t id_;
  std::shared_ptr<Watcher::Watched> watched_;
};

}  // namespace usher::async
