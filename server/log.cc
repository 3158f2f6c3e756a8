#include "server/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <nlohmann/json.hpp>

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

std::function<void(std::string_view)>& Sink() {
  static std::function<void(std::string_view)> sink = &WriteToStandardError;
  return sink;
}

void Add(Json& line, const Field& field) {
  const std::string key(field.key());
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    if (!text->empty()) line[key] = *text;
  } else if (const auto* number = std::get_if<double>(&field.value())) {
    line[key] = std::round(*number * 1000) / 1000;
  } else {
    line[key] = std::get<int64_t>(field.value());
  }
}

}  // namespace

void SetLogLevel(Level level) { lowest_level = level; }
void SetLogSink(std::function<void(std::string_view)> sink) { Sink() = std::move(sink); }

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < lowest_level.load(std::memory_order_relaxed)) return;
  Json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = kLevelNames[static_cast<size_t>(level)];
  line["message"] = message;
  for (const Field& field : fields) Add(line, field);
  Sink()(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace usher::server
