#include "server/schema_gate.h"

#include "absl/strings/str_cat.h"
#include "pg/migrate.h"
#include "server/log.h"

namespace usher::server {

absl::Status CheckSchemaVersion(int version) {
  const int needed = pg::EmbeddedMigrations().back().number;
  if (version >= needed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the schema is at version ", version,
                                                    ", this binary needs ", needed,
                                                    ": run usherd migrate"));
}

absl::Status SchemaGate::Check() {
  const std::lock_guard lock(mutex_);
  if (open_) return absl::OkStatus();
  const auto version =
      migrate_ ? pg::Migrate(database_, pg::EmbeddedMigrations()) : pg::SchemaVersion(database_);
  if (!version.ok()) return version.status();
  if (auto status = CheckSchemaVersion(*version); !status.ok()) return status;
  open_ = true;
  Log(Level::kInfo, "schema ready", {{"version", *version}});
  return absl::OkStatus();
}

}  // namespace usher::server
