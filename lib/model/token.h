#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/hmac.h"
#include "model/ids.h"

namespace usher::model {

// The server's secret keys, by number: the first of the file signs, all of them verify, so that a
// key is replaced by putting a new one in front and removing the old one after 365 days.
class TokenKeys {
 public:
  // A line for each key: its number (0 to 255), a colon, and at least 32 bytes in hexadecimal.
  // Empty lines and lines that begin with # are skipped. INVALID_ARGUMENT names the line.
  static absl::StatusOr<TokenKeys> Parse(std::string_view file_text);
  // The text of a file with one new key.
  static std::string Generate();

  uint8_t signing_key() const { return signing_key_; }
  bool Has(uint8_t key) const { return keys_.count(key) != 0; }
  // HMAC-SHA256 of `message` under a key that the set has.
  Mac Sign(uint8_t key, std::string_view message) const;

 private:
  uint8_t signing_key_ = 0;
  std::map<uint8_t, Hmac> keys_;
};

// What an invitation's link opens. A renewal counts the generation up, which kills older links.
struct TokenClaims {
  OrganizationId organization;
  InvitationId invitation;
  uint32_t generation = 0;
};

// The token of an invitation's link: always the same for the same claims and key, so that nothing
// secret is stored and any replica can write the mail.
//
// `usher_inv_` (for secret scanners) and, in base64url without padding: format and key number, the
// claims in clear so that the row is found by its key, an HMAC-SHA256 of all that, and a checksum
// that tells a mistyped token from a forged one without any key.
std::string Derive(const TokenKeys& keys, const TokenClaims& claims);

// NOT_FOUND INVITATION_INVALID: the one answer to every token that opens nothing.
absl::Status InvalidToken();

// NOT_FOUND INVITATION_INVALID, the same for every fault. Compares in constant time.
absl::StatusOr<TokenClaims> Open(const TokenKeys& keys, std::string_view token);

}  // namespace usher::model
