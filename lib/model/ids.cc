#include "model/ids.h"

#include <openssl/rand.h>

#include <algorithm>
#include <chrono>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace usher::model {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kSuffixLength = 26;
constexpr size_t kLongestPrefix = 63;

bool IsPrefix(std::string_view prefix) {
  const auto valid = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return prefix.size() <= kLongestPrefix && std::all_of(prefix.begin(), prefix.end(), valid) &&
         (prefix.empty() || (prefix.front() != '_' && prefix.back() != '_'));
}

absl::Status Malformed(const char* what) { return absl::InvalidArgumentError(what); }

absl::StatusOr<Uuid> DecodeSuffix(std::string_view suffix) {
  if (suffix.size() != kSuffixLength) return Malformed("the suffix must have 26 characters");
  // 26 characters are 130 bits: the first may only use three of its five.
  if (suffix[0] > '7') return Malformed("the suffix is too large for 128 bits");
  Uuid uuid{};
  for (const char c : suffix) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return Malformed("the suffix is not base 32");
    unsigned carry = static_cast<unsigned>(digit);
    for (size_t i = uuid.size(); i-- > 0;) {
      const unsigned shifted = static_cast<unsigned>(uuid[i]) << 5 | carry;
      uuid[i] = static_cast<uint8_t>(shifted);
      carry = shifted >> 8;
    }
  }
  return uuid;
}

}  // namespace

absl::Status internal::MalformedId(std::string_view prefix) {
  return absl::InvalidArgumentError(absl::StrCat("must be an id like ", std::string(prefix), "_…"));
}

std::string FormatUuid(const Uuid& uuid) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[uuid[i] >> 4];
    text += kHex[uuid[i] & 15];
  }
  return text;
}

std::string EncodeTypeId(std::string_view prefix, const Uuid& uuid) {
  std::string text(prefix);
  if (!prefix.empty()) text += '_';
  // From the left, with two zero bits in front: 26 digits of five bits.
  unsigned bits = 0;
  int held = 2;
  for (const uint8_t byte : uuid) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 5; held -= 5) text += kAlphabet[bits >> (held - 5) & 31];
  }
  return text;
}

absl::StatusOr<TypeId> DecodeTypeId(std::string_view text) {
  const size_t separator = text.rfind('_');
  TypeId id;
  if (separator != std::string_view::npos) {
    id.prefix = text.substr(0, separator);
    if (id.prefix.empty()) return Malformed("the prefix must not be empty before a separator");
    text.remove_prefix(separator + 1);
  }
  if (!IsPrefix(id.prefix)) return Malformed("the prefix must be lower-case letters");
  auto uuid = DecodeSuffix(text);
  if (!uuid.ok()) return uuid.status();
  id.uuid = *uuid;
  return id;
}

Uuid UuidV7Source::Next() {
  using std::chrono::milliseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = static_cast<uint64_t>(std::chrono::duration_cast<milliseconds>(since).count());
  if (ms > last_ms_) {
    last_ms_ = ms;
    RAND_bytes(last_.data() + 6, 10);
    for (size_t i = 0; i < 6; ++i) last_[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
    last_[6] = static_cast<uint8_t>(0x70 | (last_[6] & 0x0F));
    last_[8] = static_cast<uint8_t>(0x80 | (last_[8] & 0x3F));
    return last_;
  }
  // Same millisecond (or a clock that went back): the low 56 bits go up by a random step, which
  // stays unguessable and practically never overflows.
  uint64_t low = 0;
  for (size_t i = 9; i < 16; ++i) low = low << 8 | last_[i];
  uint32_t step = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&step), sizeof step);
  low += (step >> 1) + 1U;
  for (size_t i = 16; i-- > 9; low >>= 8) last_[i] = static_cast<uint8_t>(low);
  return last_;
}

}  // namespace usher::model
