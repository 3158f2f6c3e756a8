#include "server/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace usher::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kLevelNames = {"debug", "info", "warning", "error"};

std::atomic<Level> lowest_level = Level::kInfo;

void WriteToStandardError(std::string_view line) {
  // Nobody is left to tell when this fails.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
}

struct Sink {
  std::mutex mutex;
  std::function<void(std::string_view)> write;  // guarded by mutex
};

// Never destroyed: threads may still log while the process exits.
Sink& TheSink() {
  static auto* const sink = new Sink{{}, &WriteToStandardError};
  return *sink;
}

void Add(Json& line, const Field& field) {
  const std::string key(field.key());
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    if (!text->empty()) line[key] = *text;
  } else if (const auto* number = std::get_if<double>(&field.value())) {
    line[key] = std::round(*number * 1000) / 1000;
  } else if (const auto* flag = std::get_if<bool>(&field.value())) {
    line[key] = *flag;
  } else {
    line[key] = std::get<int64_t>(field.value());
  }
}

}  // namespace

void SetLogLevel(Level level) { lowest_level = level; }

bool LogEnabled(Level level) { return level >= lowest_level.load(std::memory_order_relaxed); }

void SetLogSink(std::function<void(std::string_view)> sink) {
  const std::lock_guard lock(TheSink().mutex);
  TheSink().write = sink ? std::move(sink) : &WriteToStandardError;
}

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!LogEnabled(level)) return;
  Json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = kLevelNames[static_cast<size_t>(level)];
  line["message"] = message;
  for (const Field& field : fields) Add(line, field);
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(TheSink().mutex);
  TheSink().write(text);
}

}  // namespace usher::server
