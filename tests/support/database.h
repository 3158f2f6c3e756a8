#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace usher::test {

// A database of a test's own: cloned from a migrated template, dropped at the end.
//
// USHER_TEST_DATABASE names the cluster (tools/test makes one): the conninfo of a superuser. The
// template is made once for each version of the migrations. In it usher.now() reads a table, so
// that a test can move the clock.
class Database {
 public:
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& conninfo() const { return conninfo_; }

  // Runs SQL over a connection of its own; the first column of each row, as text. Ends the test
  // program on an error.
  std::vector<std::string> Query(const std::string& sql) const;
  // The single value of a query.
  std::string Value(const std::string& sql) const;

  // From now on usher.now() is this much later than the real time.
  void MoveClock(absl::Duration offset) const;

 private:
  std::string name_;
  std::string conninfo_;
};

}  // namespace usher::test
