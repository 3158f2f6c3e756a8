#include "server/listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace usher::server {
namespace {

Descriptor Connect(int port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) socket.Close();
  return socket;
}

// Keeps what is accepted open, and counts.
class Counter {
 public:
  Listener::Events events() {
    return {[this](int fd) {
              const std::lock_guard lock(mutex_);
              accepted_.emplace_back(fd);
              changed_.notify_all();
            },
            [this] {
              const std::lock_guard lock(mutex_);
              ++refused_;
              changed_.notify_all();
            }};
  }

  bool WaitFor(size_t accepted, int refused) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return accepted_.size() == accepted && refused_ == refused; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Descriptor> accepted_;
  int refused_ = 0;
};

TEST(ListenerTest, HandsOverWhatConnects) {
  Counter counter;
  const auto listener = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(listener.ok());
  (*listener)->Start(/*descriptors=*/1000, counter.events());

  const Descriptor one = Connect((*listener)->port());
  const Descriptor two = Connect((*listener)->port());

  EXPECT_TRUE(counter.WaitFor(2, 0));
}

TEST(ListenerTest, ClosesWhatIsTooMuch) {
  Counter counter;
  const auto listener = Listener::Open("localhost:0");
  ASSERT_TRUE(listener.ok());
  (*listener)->Start(/*descriptors=*/0, counter.events());

  const Descriptor one = Connect((*listener)->port());

  EXPECT_TRUE(counter.WaitFor(0, 1));
  char byte = 0;
  EXPECT_LE(read(one.get(), &byte, 1), 0);
}

TEST(ListenerTest, TakesNobodyAfterTheStop) {
  Counter counter;
  const auto listener = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(listener.ok());
  (*listener)->Start(/*descriptors=*/1000, counter.events());

  (*listener)->Stop();
  (*listener)->Stop();

  EXPECT_LT(Connect((*listener)->port()).get(), 0);
}

TEST(ListenerTest, SharesItsPortWithNobody) {
  const auto first = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(first.ok());

  const auto second = Listener::Open("127.0.0.1:" + std::to_string((*first)->port()));

  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST(ListenerTest, ListensOnIpv6ForBothFamilies) {
  Counter counter;
  const auto listener = Listener::Open("[::]:0");
  ASSERT_TRUE(listener.ok());
  (*listener)->Start(/*descriptors=*/1000, counter.events());

  const Descriptor one = Connect((*listener)->port());

  EXPECT_TRUE(counter.WaitFor(1, 0));
}

TEST(ListenerTest, TellsWhatItCannotListenOn) {
  EXPECT_EQ(Listener::Open("no-such-host.invalid:1").status().message(),
            "cannot listen on no-such-host.invalid:1");
  EXPECT_EQ(Listener::Open("127.0.0.1").status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace usher::server
