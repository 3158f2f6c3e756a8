#include "server/page_cursor.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/page_token.h"

namespace usher::server {

std::string PageFingerprint(std::string_view method, const model::Caller& caller,
                            std::string_view request) {
  return absl::StrCat(std::string(method), "\n", caller.user ? caller.user->ToString() : "", "\n",
                      caller.service, "\n", std::string(request));
}

std::string ToPageToken(const model::TokenKeys& keys, std::string_view query,
                        const std::optional<PageCursor>& cursor) {
  if (!cursor) return "";
  std::string bytes(cursor->id.begin(), cursor->id.end());
  absl::StrAppend(&bytes, absl::ToUnixMicros(cursor->create_time));
  return model::SealPageToken(keys, query, bytes);
}

absl::StatusOr<std::optional<PageCursor>> FromPageToken(const model::TokenKeys& keys,
                                                        std::string_view query,
                                                        const std::string& token) {
  if (token.empty()) return std::nullopt;
  const auto bytes = model::OpenPageToken(keys, query, token);
  if (!bytes.ok()) return bytes.status();
  PageCursor cursor;
  int64_t micros = 0;
  // Authentic, so one of ours: its form is not in doubt.
  std::copy_n(bytes->begin(), std::min(bytes->size(), cursor.id.size()), cursor.id.begin());
  if (!absl::SimpleAtoi(bytes->substr(cursor.id.size()), &micros)) micros = 0;
  cursor.create_time = absl::FromUnixMicros(micros);
  return cursor;
}

std::string ToNameToken(const model::TokenKeys& keys, std::string_view query,
                        const std::optional<std::string>& last) {
  return last ? model::SealPageToken(keys, query, *last) : "";
}

absl::StatusOr<std::optional<std::string>> FromNameToken(const model::TokenKeys& keys,
                                                         std::string_view query,
                                                         const std::string& token) {
  if (token.empty()) return std::nullopt;
  auto last = model::OpenPageToken(keys, query, token);
  if (!last.ok()) return last.status();
  return *std::move(last);
}

}  // namespace usher::server
