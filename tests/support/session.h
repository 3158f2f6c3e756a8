#pragma once

#include <memory>
#include <string>

#include "tests/support/database.h"

struct pg_conn;

namespace usher::test {

// A session of its own, whose transactions last as long as a test wants. Ends the test program on
// an error.
class Session {
 public:
  explicit Session(const Database& database);

  void Run(const std::string& sql);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace usher::test
