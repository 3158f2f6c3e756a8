#pragma once

#include "server/options.h"

namespace usher::server {

// Serves until SIGTERM or SIGINT, then drains; the process's exit code.
//
// Without a database it starts all the same, says NOT_SERVING and keeps trying. 1: it could not
// start (an address in use, a migration that failed); the log says why.
int Serve(const Options& options);

// `usherd migrate` and `usherd check`.
int Migrate(const Options& options);
int Check(const Options& options);

}  // namespace usher::server
