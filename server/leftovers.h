#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace usher::server {

// Ends what would keep a server's Shutdown waiting though no call of ours is open: calls that never
// reached us. gRPC 1.51 forgets those that come in the instant of Shutdown (it looks whether it
// shuts down before it queues a call, and not again), and waits for clients that have announced a
// request and not sent it. All of them would last until their deadline or the end of the drain.
//
// Make it right before Shutdown. `open_calls`, which any thread may ask, counts calls until their
// end has been sent.
class Leftovers {
 public:
  Leftovers(grpc::Server& server, std::function<int()> open_calls);
  ~Leftovers();  // When Shutdown has returned.
  Leftovers(const Leftovers&) = delete;
  Leftovers& operator=(const Leftovers&) = delete;

 private:
  void Run();

  grpc::Server& server_;
  const std::function<int()> open_calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace usher::server
