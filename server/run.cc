#include "server/run.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "pg/migrate.h"
#include "server/log.h"
#include "server/process.h"
#include "server/schema_gate.h"
#include "server/signals.h"

namespace usher::server {
namespace {

int Fail(std::string_view what, const absl::Status& status) {
  Log(Level::kError, what, {{"text", std::string(status.message())}});
  return 1;
}

absl::StatusOr<model::TokenKeys> LoadKeys(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  auto keys = model::TokenKeys::Parse(text.str());
  if (keys.ok()) return keys;
  return absl::InvalidArgumentError(absl::StrCat(path, " ", std::string(keys.status().message())));
}

// What gRPC itself has to say, as lines like ours.
void LogForGrpc(gpr_log_func_args* args) {
  const bool error = args->severity == GPR_LOG_SEVERITY_ERROR;
  Log(error ? Level::kError : Level::kInfo, "grpc", {{"text", args->message}});
}

}  // namespace

int Serve(const Options& options) {
  SetLogLevel(options.log_level);
  gpr_set_log_function(&LogForGrpc);
  // What Protobuf finds wrong with a request is told to its sender.
  google::protobuf::SetLogHandler(nullptr);
  auto keys = LoadKeys(options.token_key_file);
  if (!keys.ok()) return Fail("no token keys", keys.status());
  Process process(options, *std::move(keys));
  if (auto status = process.Start(); !status.ok()) return Fail("cannot start", status);
  WaitForShutdownSignal();
  process.Drain();
  return 0;
}

int Migrate(const Options& options) {
  const auto version = pg::Migrate(options.database, pg::EmbeddedMigrations());
  if (!version.ok()) return Fail("migration failed", version.status());
  std::printf("schema version %d\n", *version);
  return 0;
}

int Check(const Options& options) {
  const auto version = pg::SchemaVersion(options.database);
  if (!version.ok()) return Fail("no schema version", version.status());
  if (auto status = CheckSchemaVersion(*version); !status.ok()) {
    return Fail("schema too old", status);
  }
  std::printf("schema version %d\n", *version);
  return 0;
}

}  // namespace usher::server
