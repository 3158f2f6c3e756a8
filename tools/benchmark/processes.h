#pragma once

namespace usher::bench {

// Processor seconds that a process and its children have used so far, ended children included.
double CpuSeconds(int pid);

}  // namespace usher::bench
