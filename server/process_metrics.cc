#include "server/process_metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

namespace usher::server {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Single(std::string name, std::string help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return {std::move(name), std::move(help), type, {metric}};
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The second number of statm (proc(5)) counts resident pages.
double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE));
}

double OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  return static_cast<double>(std::distance(begin(files), end(files)));
}

double StartTime() {
  static const double start =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return start;
}

// Taken when the program is loaded, not at the first scrape.
[[maybe_unused]] const double kStartTime = StartTime();

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  return {
      Single("process_cpu_seconds_total", "User and system CPU time spent in seconds.",
             MetricType::Counter, CpuSeconds()),
      Single("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
             ResidentBytes()),
      Single("process_open_fds", "Number of open file descriptors.", MetricType::Gauge,
             OpenFiles()),
      Single("process_start_time_seconds", "Start time of the process since the Unix epoch.",
             MetricType::Gauge, StartTime()),
  };
}

}  // namespace usher::server
