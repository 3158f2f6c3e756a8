#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace usher::pg {

using Uuid = std::array<uint8_t, 16>;

// Bytes as opposed to text: bytea.
struct Bytes {
  std::string value;
};

// How a C++ type travels in PostgreSQL's binary format: its type's OID (pg_type.dat), and the
// bytes of a value. Decode returns nothing when the bytes are not such a value.
template <class T>
struct Codec;

namespace internal {

void AppendBigEndian(std::string& out, uint64_t value, int bytes);
uint64_t ReadBigEndian(std::string_view bytes);

template <class Integer, uint32_t kTypeOid, uint32_t kArrayTypeOid>
struct IntegerCodec {
  static constexpr uint32_t kOid = kTypeOid;
  static constexpr uint32_t kArrayOid = kArrayTypeOid;
  static void Encode(Integer value, std::string& out) {
    AppendBigEndian(out, static_cast<uint64_t>(value), sizeof(Integer));
  }
  static std::optional<Integer> Decode(std::string_view bytes) {
    if (bytes.size() != sizeof(Integer)) return std::nullopt;
    return static_cast<Integer>(ReadBigEndian(bytes));
  }
};

}  // namespace internal

template <>
struct Codec<bool> : internal::IntegerCodec<bool, 16, 1000> {};
template <>
struct Codec<int16_t> : internal::IntegerCodec<int16_t, 21, 1005> {};
template <>
struct Codec<int32_t> : internal::IntegerCodec<int32_t, 23, 1007> {};
template <>
struct Codec<int64_t> : internal::IntegerCodec<int64_t, 20, 1016> {};

template <>
struct Codec<std::string_view> {
  static constexpr uint32_t kOid = 25;
  static constexpr uint32_t kArrayOid = 1009;
  static void Encode(std::string_view value, std::string& out) { out.append(value); }
  static std::optional<std::string_view> Decode(std::string_view bytes) { return bytes; }
};

template <>
struct Codec<std::string> : Codec<std::string_view> {
  static std::optional<std::string> Decode(std::string_view bytes) { return std::string(bytes); }
};

template <>
struct Codec<Bytes> {
  static constexpr uint32_t kOid = 17;
  static constexpr uint32_t kArrayOid = 1001;
  static void Encode(const Bytes& value, std::string& out) { out.append(value.value); }
  static std::optional<Bytes> Decode(std::string_view bytes) { return Bytes{std::string(bytes)}; }
};

template <>
struct Codec<Uuid> {
  static constexpr uint32_t kOid = 2950;
  static constexpr uint32_t kArrayOid = 2951;
  static void Encode(const Uuid& value, std::string& out) {
    out.append(value.begin(), value.end());
  }
  static std::optional<Uuid> Decode(std::string_view bytes);
};

// timestamptz: microseconds since 2000-01-01; finite times only.
template <>
struct Codec<absl::Time> {
  static constexpr uint32_t kOid = 1184;
  static constexpr uint32_t kArrayOid = 1185;
  static void Encode(absl::Time value, std::string& out);
  static std::optional<absl::Time> Decode(std::string_view bytes);
};

// interval: sent as microseconds; read back when it has no months (a day is 24 hours).
template <>
struct Codec<absl::Duration> {
  static constexpr uint32_t kOid = 1186;
  static constexpr uint32_t kArrayOid = 1187;
  static void Encode(absl::Duration value, std::string& out);
  static std::optional<absl::Duration> Decode(std::string_view bytes);
};

// One-dimensional arrays without NULLs.
template <class T>
struct Codec<std::vector<T>> {
  static constexpr uint32_t kOid = Codec<T>::kArrayOid;

  static void Encode(const std::vector<T>& values, std::string& out) {
    internal::AppendBigEndian(out, values.empty() ? 0 : 1, 4);  // dimensions
    internal::AppendBigEndian(out, 0, 4);                       // no NULLs
    internal::AppendBigEndian(out, Codec<T>::kOid, 4);
    if (values.empty()) return;
    internal::AppendBigEndian(out, values.size(), 4);
    internal::AppendBigEndian(out, 1, 4);  // lower bound
    for (const T& value : values) {
      const size_t length_at = out.size();
      out.append(4, '\0');
      Codec<T>::Encode(value, out);
      std::string length;
      internal::AppendBigEndian(length, out.size() - length_at - 4, 4);
      out.replace(length_at, 4, length);
    }
  }

  static std::optional<std::vector<T>> Decode(std::string_view bytes) {
    if (bytes.size() < 12) return std::nullopt;
    std::vector<T> values;
    if (internal::ReadBigEndian(bytes.substr(0, 4)) == 0) return values;
    if (bytes.size() < 20) return std::nullopt;
    const uint64_t count = internal::ReadBigEndian(bytes.substr(12, 4));
    bytes.remove_prefix(20);
    for (uint64_t i = 0; i < count; ++i) {
      if (bytes.size() < 4) return std::nullopt;
      const uint64_t length = internal::ReadBigEndian(bytes.substr(0, 4));
      bytes.remove_prefix(4);
      if (length > bytes.size()) return std::nullopt;
      auto value = Codec<T>::Decode(bytes.substr(0, length));
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
      bytes.remove_prefix(length);
    }
    return values;
  }
};

}  // namespace usher::pg
