#pragma once

namespace usher::server {

// Blocks SIGTERM and SIGINT in this thread and those it starts later, and ignores SIGPIPE. First
// thing in the process, also as PID 1, where a signal without a handler would be lost.
void BlockShutdownSignals();

// Waits for SIGTERM or SIGINT and tells which came. Later ones stay pending and do nothing.
int WaitForShutdownSignal();

}  // namespace usher::server
