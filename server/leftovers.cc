#include "server/leftovers.h"

#include <grpc/grpc.h>

#include <chrono>
#include <utility>

namespace usher::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterval{50};
// Without an open call, for so long, before connections are cut: what was sent last is on its way.
constexpr milliseconds kQuiet{1000};

}  // namespace

Leftovers::Leftovers(grpc::Server& server, std::function<int()> open_calls)
    : server_(server), open_calls_(std::move(open_calls)) {
  thread_ = std::thread([this] { Run(); });
}

Leftovers::~Leftovers() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Leftovers::Run() {
  milliseconds quiet{0};
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, [this] { return done_; })) {
    quiet = open_calls_() == 0 ? quiet + kInterval : milliseconds(0);
    if (quiet < kQuiet) continue;
    grpc_server_cancel_all_calls(server_.c_server());
    return;
  }
}

}  // namespace usher::server
