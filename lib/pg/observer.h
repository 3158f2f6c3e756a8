#pragma once

#include <chrono>
#include <string_view>

#include "pg/batch.h"
#include "pg/errors.h"

namespace usher::pg {

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
};

}  // namespace usher::pg
