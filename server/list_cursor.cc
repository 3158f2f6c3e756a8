#include "server/list_cursor.h"

#include <algorithm>

#include "model/page_token.h"

namespace usher::server {
namespace {

// The rank's two bytes, the id's sixteen, and the key.
constexpr size_t kIdAt = 2;
constexpr size_t kKeyAt = 18;

}  // namespace

std::string ToListToken(const model::TokenKeys& keys, std::string_view query,
                        const std::optional<model::ListCursor>& cursor) {
  if (!cursor) return "";
  const auto rank = static_cast<uint16_t>(cursor->rank);
  std::string bytes{static_cast<char>(rank >> 8), static_cast<char>(rank & 0xFF)};
  bytes.append(cursor->id.begin(), cursor->id.end());
  bytes.append(cursor->key);
  return model::SealPageToken(keys, query, bytes);
}

absl::StatusOr<std::optional<model::ListCursor>> FromListToken(const model::TokenKeys& keys,
                                                               std::string_view query,
                                                               const std::string& token) {
  if (token.empty()) return std::nullopt;
  auto bytes = model::OpenPageToken(keys, query, token);
  if (!bytes.ok()) return bytes.status();
  // Authentic, so one of ours: its form is not in doubt.
  bytes->resize(std::max(bytes->size(), kKeyAt));
  const auto byte = [&bytes](size_t i) { return static_cast<uint8_t>((*bytes)[i]); };
  model::ListCursor cursor;
  cursor.rank = static_cast<int16_t>(static_cast<uint16_t>(byte(0) << 8 | byte(1)));
  std::copy_n(bytes->begin() + kIdAt, cursor.id.size(), cursor.id.begin());
  cursor.key = bytes->substr(kKeyAt);
  return cursor;
}

}  // namespace usher::server
