#pragma once

#include <map>
#include <string>

#include "pg/observer.h"

namespace usher::test {

// Remembers every statement that a pool ran, so that a test can look at their plans.
class Recorder : public pg::Observer {
 public:
  void Answered(const pg::Statement& statement, std::chrono::nanoseconds) override {
    statements_[statement.name] = &statement;
  }

  const std::map<std::string, const pg::Statement*>& statements() const { return statements_; }

 private:
  std::map<std::string, const pg::Statement*> statements_;
};

}  // namespace usher::test
