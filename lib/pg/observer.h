#pragma once

#include <chrono>
#include <string_view>

#include "pg/batch.h"
#include "pg/errors.h"

namespace usher::pg {

struct Load {
  size_t connections = 0;
  size_t in_flight = 0;
  size_t waiting = 0;

  friend bool operator==(const Load&, const Load&) = default;
};

// What a pool tells whoever counts and logs. Called on the pool's lane; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void Answered(const Statement&, std::chrono::nanoseconds) {}
  virtual void Failed(const Statement&, const Error&) {}
  virtual void Retried(std::string_view /*sqlstate*/) {}
  virtual void Waited(std::chrono::nanoseconds) {}
  virtual void Connected() {}
  // `reason` may hold the server's text: for the log.
  virtual void Disconnected(std::string_view /*reason*/) {}
  // Whether a server that takes writes is connected; told when it changes.
  virtual void Available(bool) {}
  // At the end of each turn.
  virtual void Loaded(const Load&) {}
};

}  // namespace usher::pg
