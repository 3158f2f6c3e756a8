#include "model/token.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/base64.h"
#include "model/random.h"
#include "model/refusal.h"

namespace usher::model {
namespace {

constexpr std::string_view kPrefix = "usher_inv_";
constexpr std::string_view kDomain = "usher invitation token 1\n";
constexpr char kFormat = 1;
constexpr size_t kShortestKey = 32;
constexpr size_t kHeaderSize = 2 + 16 + 16 + 4;
constexpr size_t kMacSize = std::tuple_size_v<Mac>;
constexpr size_t kChecksumSize = 4;
constexpr size_t kLongestToken = 128;  // Nothing longer is worth decoding.

std::string Header(uint8_t key, const TokenClaims& claims) {
  std::string header{kFormat, static_cast<char>(key)};
  header.append(claims.organization.uuid().begin(), claims.organization.uuid().end());
  header.append(claims.invitation.uuid().begin(), claims.invitation.uuid().end());
  for (int shift = 24; shift >= 0; shift -= 8) {
    header += static_cast<char>(claims.generation >> shift & 0xFF);
  }
  return header;
}

// CRC-32C, the polynomial of RFC 3720, bit by bit: a token is short.
std::string Checksum(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0U);
  }
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(~crc >> shift & 0xFF);
  return text;
}

Uuid ReadUuid(std::string_view bytes) {
  Uuid uuid;
  std::copy_n(bytes.begin(), uuid.size(), uuid.begin());
  return uuid;
}

TokenClaims ReadClaims(std::string_view header) {
  TokenClaims claims;
  claims.organization = OrganizationId(ReadUuid(header.substr(2)));
  claims.invitation = InvitationId(ReadUuid(header.substr(18)));
  for (const char byte : header.substr(34, 4)) {
    claims.generation = claims.generation << 8 | static_cast<uint8_t>(byte);
  }
  return claims;
}

absl::Status BadLine(int line, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, " ", std::string(what)));
}

bool IsHex(std::string_view text) {
  return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

}  // namespace

absl::StatusOr<TokenKeys> TokenKeys::Parse(std::string_view file_text) {
  TokenKeys keys;
  int number = 0;
  for (absl::string_view piece : absl::StrSplit(std::string(file_text), '\n')) {
    ++number;
    const std::string line(absl::StripAsciiWhitespace(piece));
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> parts = absl::StrSplit(line, ':');
    int id = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &id) || id < 0 || id > 255) {
      return BadLine(number, "is not a key number from 0 to 255, a colon and a key");
    }
    if (!IsHex(parts[1]) || parts[1].size() < 2 * kShortestKey) {
      return BadLine(number, "must have a key of at least 32 bytes in hexadecimal");
    }
    const auto key = static_cast<uint8_t>(id);
    if (keys.keys_.empty()) keys.signing_key_ = key;
    if (!keys.keys_.emplace(key, Hmac(std::string(absl::HexStringToBytes(parts[1])))).second) {
      return BadLine(number, "has a key number that stood before");
    }
  }
  if (keys.keys_.empty()) return absl::InvalidArgumentError("has no key");
  return keys;
}

std::string TokenKeys::Generate() {
  std::string key(kShortestKey, '\0');
  FillRandom({reinterpret_cast<uint8_t*>(key.data()), key.size()});
  return absl::StrCat("# Keys of invitation links; the first signs, all verify.\n1:",
                      absl::BytesToHexString(key), "\n");
}

Mac TokenKeys::Sign(uint8_t key, std::string_view message) const {
  return keys_.at(key).Sign(message);
}

absl::Status InvalidToken() {
  return Refuse(absl::StatusCode::kNotFound, Reason::kInvitationInvalid,
                "This invitation link is not valid; a newer one may have replaced it.");
}

std::string Derive(const TokenKeys& keys, const TokenClaims& claims) {
  const uint8_t key = keys.signing_key();
  std::string bytes = Header(key, claims);
  const Mac mac = keys.Sign(key, std::string(kDomain) + bytes);
  bytes.append(mac.begin(), mac.end());
  bytes += Checksum(bytes);
  return std::string(kPrefix) + ToBase64Url(bytes);
}

absl::StatusOr<TokenClaims> Open(const TokenKeys& keys, std::string_view token) {
  if (token.size() > kLongestToken || !token.starts_with(kPrefix)) return InvalidToken();
  const auto bytes = FromBase64Url(token.substr(kPrefix.size()));
  if (!bytes || bytes->size() != kHeaderSize + kMacSize + kChecksumSize) return InvalidToken();
  const std::string_view all = *bytes;
  const std::string_view signed_part = all.substr(0, kHeaderSize + kMacSize);
  if (all.substr(signed_part.size()) != Checksum(signed_part)) return InvalidToken();

  const std::string_view header = all.substr(0, kHeaderSize);
  const auto key = static_cast<uint8_t>(header[1]);
  if (header[0] != kFormat || !keys.Has(key)) return InvalidToken();
  const Mac mac = keys.Sign(key, std::string(kDomain) + std::string(header));
  if (CRYPTO_memcmp(mac.data(), all.data() + kHeaderSize, kMacSize) != 0) return InvalidToken();
  return ReadClaims(header);
}

}  // namespace usher::model
