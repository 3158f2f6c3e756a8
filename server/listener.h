#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace usher::server {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { Close(); }

  int get() const { return fd_; }
  int Release();
  void Close();

 private:
  int fd_;
};

// Listens and accepts, in place of gRPC's own listener: that one never accepts again once it ran
// out of file descriptors, and takes as many connections as come.
//
// The number of connections is told by the descriptors' numbers, of which the system gives the
// lowest that is free; so it counts what else is open too, and needs no notice of what gRPC closes.
class Listener {
 public:
  // Called on the listener's thread; both own the descriptor they get, or nothing.
  struct Events {
    std::function<void(int fd)> accepted;
    std::function<void()> refused;
  };

  // Listens on HOST:PORT, on one address of a name. Nothing else can listen there then.
  // UNAVAILABLE if that cannot be had.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address);
  ~Listener() { Stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }
  int fd() const { return socket_.get(); }

  // A connection whose descriptor would be numbered `descriptors` or more is closed at once.
  void Start(int descriptors, Events events);
  // Accepts no more and closes the socket. May be called again.
  void Stop();

 private:
  Listener(Descriptor socket, int port, Descriptor wake);

  void Run();
  void AcceptAll();
  void RefuseOne();

  Descriptor socket_;
  int port_;
  Descriptor wake_;   // an eventfd
  Descriptor spare_;  // Given up for a moment to close a connection when none is left.
  int descriptors_ = 0;
  Events events_;
  std::thread thread_;
};

// Lets the process have as many descriptors as the system allows it, at most `wanted`; returns how
// many it may have now.
int RaiseDescriptorLimit(int wanted);

}  // namespace usher::server
