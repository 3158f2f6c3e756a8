#include "benchmark/processes.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace usher::bench {
namespace {

// utime, stime and, for what has ended, cutime and cstime, in ticks. See proc(5).
double TicksOf(const std::string& pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double total = 0;
  for (int i = 0; i < 4; ++i) {
    double ticks = 0;
    fields >> ticks;
    total += ticks;
  }
  return total;
}

}  // namespace

double CpuSeconds(int pid) {
  double ticks = TicksOf(absl::StrCat(pid));
  std::ifstream children(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  for (std::string child; children >> child;) ticks += TicksOf(child);
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace usher::bench
