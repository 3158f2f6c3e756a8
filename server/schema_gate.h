#pragma once

#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace usher::server {

// Lets connections be made once the schema is as new as this binary needs.
//
// A replica may start before the database does, or before another one has migrated it; until then
// it has no connection, so it answers UNAVAILABLE and NOT_SERVING, and needs no restart. A schema
// newer than the binary is fine: steps keep what the release before them uses. Thread-safe.
class SchemaGate {
 public:
  // With `migrate`, applies what is missing; otherwise waits for somebody to.
  SchemaGate(std::string database, bool migrate)
      : database_(std::move(database)), migrate_(migrate) {}

  // Blocks; for helper threads. The same answer at once after the first success.
  absl::Status Check();

 private:
  const std::string database_;
  const bool migrate_;
  std::mutex mutex_;
  bool open_ = false;  // guarded by mutex_
};

// FAILED_PRECONDITION if a schema at `version` lacks a step that this binary needs.
absl::Status CheckSchemaVersion(int version);

}  // namespace usher::server
