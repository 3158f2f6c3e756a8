#pragma once

namespace usher::server {

// Blocks SIGTERM and SIGINT in this thread and those it starts later, and ignores SIGPIPE. First
// thing in the process, also as PID 1, where a signal without a handler would be lost.
void BlockShutdownSignals();

// Waits for SIGTERM or SIGINT. Later ones stay pending and do nothing.
void WaitForShutdownSignal();

}  // namespace usher::server
