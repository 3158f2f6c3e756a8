#include "model/page_token.h"

#include <openssl/crypto.h>

#include "absl/strings/str_cat.h"
#include "model/base64.h"
#include "model/refusal.h"

namespace usher::model {
namespace {

// Half of the MAC is enough here: a page token opens nothing that its query does not.
constexpr size_t kMacSize = 16;
constexpr size_t kLongestToken = 4096;

std::string MacOf(const TokenKeys& keys, uint8_t key, std::string_view query,
                  std::string_view cursor) {
  const Mac mac = keys.Sign(key, absl::StrCat("usher page token 1\n", query.size(), "\n",
                                              std::string(query), std::string(cursor)));
  return {mac.begin(), mac.begin() + kMacSize};
}

absl::Status Invalid() {
  Refusal refusal;
  refusal.reason = Reason::kPageTokenInvalid;
  refusal.fields.push_back({"page_token", "is not one that this query returned"});
  return Refuse(absl::StatusCode::kInvalidArgument, refusal,
                "page_token is not one that this query returned");
}

}  // namespace

std::string SealPageToken(const TokenKeys& keys, std::string_view query, std::string_view cursor) {
  const uint8_t key = keys.signing_key();
  return ToBase64Url(absl::StrCat(std::string(1, static_cast<char>(key)),
                                  MacOf(keys, key, query, cursor), std::string(cursor)));
}

absl::StatusOr<std::string> OpenPageToken(const TokenKeys& keys, std::string_view query,
                                          std::string_view token) {
  if (token.size() > kLongestToken) return Invalid();
  const auto bytes = FromBase64Url(token);
  if (!bytes || bytes->size() < 1 + kMacSize) return Invalid();
  const auto key = static_cast<uint8_t>((*bytes)[0]);
  if (!keys.Has(key)) return Invalid();
  std::string cursor = bytes->substr(1 + kMacSize);
  const std::string mac = MacOf(keys, key, query, cursor);
  if (CRYPTO_memcmp(mac.data(), bytes->data() + 1, kMacSize) != 0) return Invalid();
  return cursor;
}

}  // namespace usher::model
