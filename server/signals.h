#pragma once

namespace usher::server {

// Blocks SIGTERM and SIGINT in this thread and those it starts later, and ignores SIGPIPE. First
// thing in the process, also as PID 1, where a signal without a handler would be lost.
void BlockShutdownSignals();

// After that, for a command that waits for no signal: SIGTERM and SIGINT, also ones that came
// meanwhile, end the process at once with code 128 + signal, also as PID 1.
void ExitOnShutdownSignals();

// Waits for SIGTERM or SIGINT and tells which came. Later ones stay pending and do nothing.
int WaitForShutdownSignal();

}  // namespace usher::server
