#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace usher::server {

enum class Level { kDebug, kInfo, kWarning, kError };

// A field of a log line. An empty text is left out. E-mail addresses, names of people and tokens
// never become fields.
class Field {
 public:
  using Value = std::variant<std::string_view, double, int64_t, bool>;

  Field(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  Field(std::string_view key, const std::string& value) : key_(key), value_(value) {}
  Field(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, double value) : key_(key), value_(value) {}
  Field(std::string_view key, bool value) : key_(key), value_(value) {}
  template <std::integral Number>
  Field(std::string_view key, Number value) : key_(key), value_(static_cast<int64_t>(value)) {}

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

// Writes one JSON object on a line of standard error: time (RFC 3339, UTC), level, message and the
// fields. One write a line, so that lines of different threads do not mix. Bytes that are not
// UTF-8 are replaced. Thread-safe.
void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// Lines below this level are not written. Info at first.
void SetLogLevel(Level level);
bool LogEnabled(Level level);

// For tests: lines go here instead, one at a time; an empty function restores standard error.
void SetLogSink(std::function<void(std::string_view line)> sink);

}  // namespace usher::server
