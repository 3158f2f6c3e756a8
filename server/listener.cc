#include "server/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace usher::server {
namespace {

constexpr int kBacklog = 1024;
constexpr int kPauseMilliseconds = 50;  // when not even a spare descriptor helps

struct Resolved {
  addrinfo* list = nullptr;
  ~Resolved() {
    if (list != nullptr) freeaddrinfo(list);
  }
};

void SetOption(int fd, int level, int name, int value) {
  (void)setsockopt(fd, level, name, &value, sizeof(value));
}

// Accepted sockets inherit these.
Descriptor Listen(const addrinfo& at) {
  Descriptor socket(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return socket;
  SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  SetOption(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (at.ai_family == AF_INET6) SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  const bool listening =
      bind(socket.get(), at.ai_addr, at.ai_addrlen) == 0 && listen(socket.get(), kBacklog) == 0;
  if (!listening) socket.Close();
  return socket;
}

int PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  // Of both families the port stands at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

Descriptor OpenSpare() { return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this == &other) return *this;
  Close();
  fd_ = other.Release();
  return *this;
}

int Descriptor::Release() { return std::exchange(fd_, -1); }

void Descriptor::Close() {
  if (fd_ >= 0) close(Release());
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& address) {
  const auto refused = absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return refused;
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  Resolved resolved;
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  const std::string port = address.substr(colon + 1);
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &resolved.list) != 0) return refused;
  for (const addrinfo* at = resolved.list; at != nullptr; at = at->ai_next) {
    Descriptor socket = Listen(*at);
    if (socket.get() < 0) continue;
    const int bound = PortOf(socket.get());
    Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (wake.get() < 0) return refused;
    return std::unique_ptr<Listener>(new Listener(std::move(socket), bound, std::move(wake)));
  }
  return refused;
}

Listener::Listener(Descriptor socket, int port, Descriptor wake)
    : socket_(std::move(socket)), port_(port), wake_(std::move(wake)), spare_(OpenSpare()) {}

void Listener::Start(int descriptors, Events events) {
  descriptors_ = descriptors;
  events_ = std::move(events);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    (void)!write(wake_.get(), &one, sizeof(one));
    thread_.join();
  }
  socket_.Close();
}

void Listener::Run() {
  pollfd waited[] = {{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
  while (true) {
    if (poll(waited, std::size(waited), -1) < 0 && errno != EINTR) return;
    if (waited[1].revents != 0) return;
    if (waited[0].revents != 0) AcceptAll();
  }
}

void Listener::AcceptAll() {
  while (true) {
    Descriptor accepted(accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.get() < 0) {
      // What else may be told is the fault of one connection that is gone already.
      if (errno == EMFILE || errno == ENFILE) RefuseOne();
      return;
    }
    if (accepted.get() < descriptors_) {
      events_.accepted(accepted.Release());
    } else {
      events_.refused();
    }
  }
}

// Out of descriptors: the connection would wait unanswered, and the socket would stay readable.
void Listener::RefuseOne() {
  spare_.Close();
  Descriptor accepted(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (accepted.get() >= 0) {
    accepted.Close();
    events_.refused();
  } else {
    pollfd none{};
    (void)poll(&none, 0, kPauseMilliseconds);
  }
  spare_ = OpenSpare();
}

int RaiseDescriptorLimit(int wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const auto most = static_cast<rlim_t>(wanted);
  if (limit.rlim_cur < most) {
    rlimit raised = limit;
    raised.rlim_cur = std::min(most, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<int>(std::min(limit.rlim_cur, most));
}

}  // namespace usher::server
