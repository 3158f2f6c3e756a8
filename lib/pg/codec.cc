#include "pg/codec.h"

#include <algorithm>

namespace usher::pg {
namespace internal {

void AppendBigEndian(std::string& out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xFF));
  }
}

uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace internal

namespace {

// PostgreSQL counts from 2000-01-01T00:00:00Z.
absl::Time Epoch() { return absl::FromUnixSeconds(946'684'800); }

int64_t ReadInt(std::string_view bytes) {
  return static_cast<int64_t>(internal::ReadBigEndian(bytes));
}

}  // namespace

std::optional<Uuid> Codec<Uuid>::Decode(std::string_view bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  return uuid;
}

void Codec<absl::Time>::Encode(absl::Time value, std::string& out) {
  internal::AppendBigEndian(out, static_cast<uint64_t>(absl::ToInt64Microseconds(value - Epoch())),
                            8);
}

std::optional<absl::Time> Codec<absl::Time>::Decode(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  return Epoch() + absl::Microseconds(ReadInt(bytes));
}

void Codec<absl::Duration>::Encode(absl::Duration value, std::string& out) {
  internal::AppendBigEndian(out, static_cast<uint64_t>(absl::ToInt64Microseconds(value)), 8);
  internal::AppendBigEndian(out, 0, 8);  // days, months
}

std::optional<absl::Duration> Codec<absl::Duration>::Decode(std::string_view bytes) {
  if (bytes.size() != 16 || ReadInt(bytes.substr(12)) != 0) return std::nullopt;
  return absl::Microseconds(ReadInt(bytes.substr(0, 8))) +
         absl::Hours(24) * static_cast<int32_t>(ReadInt(bytes.substr(8, 4)));
}

}  // namespace usher::pg
