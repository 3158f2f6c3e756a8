#pragma once

#include <chrono>
#include <map>
#include <string>

#include "pg/observer.h"

namespace usher::test {

// Remembers every statement that a pool ran and how long it last took, so that a test can look at
// their plans.
class Recorder : public pg::Observer {
 public:
  struct Recorded {
    const pg::Statement* statement;
    std::chrono::nanoseconds took;
  };

  void Answered(const pg::Statement& statement, std::chrono::nanoseconds took) override {
    statements_[statement.name] = {&statement, took};
  }

  void Forget() { statements_.clear(); }

  const std::map<std::string, Recorded>& statements() const { return statements_; }

 private:
  std::map<std::string, Recorded> statements_;
};

}  // namespace usher::test
