#pragma once

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace usher::pg {

// A step of the schema: forward only, applied once, in a transaction of its own.
struct Migration {
  int number;
  const char* name;
  const char* sql;
};

// The steps in deploy/migrations, which are part of the binary.
std::span<const Migration> EmbeddedMigrations();

// Brings the schema of the database up to the last of `migrations`, and returns its number.
//
// Each step runs in one transaction that first takes an advisory lock, so replicas that start
// together apply it once: the others wait and find it done. A step that fails leaves nothing.
// A schema newer than these migrations is left alone. Blocks; for start-up.
// UNAVAILABLE when no server answers, INTERNAL with the server's text when a step fails.
absl::StatusOr<int> Migrate(const std::string& conninfo, std::span<const Migration> migrations);

// The number of the last step applied to the database; 0 for an empty one. Blocks.
absl::StatusOr<int> SchemaVersion(const std::string& conninfo);

}  // namespace usher::pg
