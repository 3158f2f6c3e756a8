#include "model/ids.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/random.h"

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
  uint8_t* next = uuid.data();
  unsigned bits = 0;
  int held = -2;  // The two zero bits in front are of no byte.
  for (const char c : suffix) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return Malformed("the suffix is not base 32");
    bits = bits << 5 | static_cast<unsigned>(digit);
    held += 5;
    if (held < 8) continue;
    held -= 8;
    *next++ = static_cast<uint8_t>(bits >> held);
  }
  return uuid;
}

}  // namespace

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

absl::StatusOr<Uuid> internal::DecodeIdOf(std::string_view prefix, std::string_view text) {
  const bool of_kind = text.size() == prefix.size() + 1 + kSuffixLength &&
                       text.substr(0, prefix.size()) == prefix && text[prefix.size()] == '_';
  if (of_kind) {
    if (auto uuid = DecodeSuffix(text.substr(prefix.size() + 1)); uuid.ok()) return uuid;
  }
  return absl::InvalidArgumentError(absl::StrCat("must be an id like ", std::string(prefix), "_…"));
}

Uuid UuidV7Source::Next() {
  const auto ms = static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixMillis(clock_())));
  if (ms > last_ms_) {
    StartMillisecond(ms);
  } else if (!StepWithinMillisecond()) {
    StartMillisecond(last_ms_ + 1);
  }
  return last_;
}

void UuidV7Source::StartMillisecond(uint64_t ms) {
  last_ms_ = ms;
  for (size_t i = 0; i < 6; ++i) last_[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  FillRandom(std::span(last_).subspan(6));
  last_[6] = static_cast<uint8_t>(0x70 | (last_[6] & 0x0F));
  last_[8] = static_cast<uint8_t>(0x80 | (last_[8] & 0x3F));
  // Room for the counter: at least half of what it can count.
  last_[9] &= 0x7F;
}

// The low 56 bits are the counter.
bool UuidV7Source::StepWithinMillisecond() {
  std::array<uint8_t, 4> random;
  FillRandom(random);
  uint64_t step = 0;
  for (const uint8_t byte : random) step = step << 8 | byte;
  uint64_t counter = 0;
  for (size_t i = 9; i < 16; ++i) counter = counter << 8 | last_[i];
  counter += step + 1;
  for (size_t i = 16; i-- > 9; counter >>= 8) last_[i] = static_cast<uint8_t>(counter);
  return counter == 0;
}

}  // namespace usher::model
