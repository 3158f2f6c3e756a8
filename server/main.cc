#include <cstdio>

#include "model/token.h"
#include "server/options.h"
#include "server/run.h"
#include "server/signals.h"

int main(int argc, char** argv) {
  using usher::server::Command;
  // First, so that a signal that comes early ends the process as one that comes late does.
  usher::server::BlockShutdownSignals();
  const auto parsed = usher::server::ParseCommandLine(argc, argv);
  if (!parsed.run) {
    std::fputs(parsed.output.c_str(), parsed.exit_code == 0 ? stdout : stderr);
    return parsed.exit_code;
  }
  if (parsed.command != Command::kServe) usher::server::ExitOnShutdownSignals();
  switch (parsed.command) {
    case Command::kServe:
      return usher::server::Serve(parsed.options);
    case Command::kMigrate:
      return usher::server::Migrate(parsed.options);
    case Command::kCheck:
      return usher::server::Check(parsed.options);
    case Command::kGenerateTokenKey:
      std::fputs(usher::model::TokenKeys::Generate().c_str(), stdout);
      return 0;
    case Command::kVersion:
      std::puts(USHER_VERSION);
      return 0;
  }
  return 1;
}
