#include "model/email.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "model/text.h"

namespace usher::model {
namespace {

constexpr size_t kLongestAddress = 254;
constexpr size_t kLongestLocalPart = 64;

absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

bool IsAtomCharacter(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         kOthers.find(c) != std::string_view::npos;
}

absl::Status CheckLocalPart(std::string_view local) {
  if (local.empty()) return Wrong("must have something before the @");
  if (local.size() > kLongestLocalPart) return Wrong("must have at most 64 octets before the @");
  if (!std::all_of(local.begin(), local.end(),
                   [](char c) { return absl::ascii_isascii(static_cast<unsigned char>(c)); })) {
    return Wrong("must have only ASCII characters before the @");
  }
  bool after_dot = true;
  for (const char c : local) {
    if (c == '.' ? after_dot : !IsAtomCharacter(c)) {
      return Wrong("must be an address like name@example.com");
    }
    after_dot = c == '.';
  }
  return after_dot ? Wrong("must not have a dot before the @") : absl::OkStatus();
}

// libidn2 lets empty labels through and knows nothing of the dots of other scripts here.
bool HasProperLabels(std::string_view domain) {
  size_t labels = 0;
  for (size_t start = 0; start <= domain.size();) {
    const size_t dot = std::min(domain.find('.', start), domain.size());
    const std::string_view label = domain.substr(start, dot - start);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    ++labels;
    start = dot + 1;
  }
  return labels >= 2;
}

absl::StatusOr<std::string> ToALabels(std::string_view domain) {
  char* output = nullptr;
  const int flags = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT | IDN2_USE_STD3_ASCII_RULES;
  const int result = idn2_to_ascii_8z(std::string(domain).c_str(), &output, flags);
  const std::unique_ptr<char, decltype(&idn2_free)> owned(output, &idn2_free);
  if (result != IDN2_OK) return Wrong("must have a valid domain after the @");
  std::string ascii = absl::AsciiStrToLower(output);
  const size_t last = ascii.rfind('.');
  // A top-level domain of digits only would be an address literal (RFC 3696 §2).
  const bool numeric =
      last != std::string::npos && std::all_of(ascii.begin() + static_cast<ptrdiff_t>(last) + 1,
                                               ascii.end(), absl::ascii_isdigit);
  if (!HasProperLabels(ascii) || numeric) return Wrong("must have a valid domain after the @");
  return ascii;
}

}  // namespace

Email::Email(std::string as_typed, std::string key, std::string address)
    : as_typed_(std::move(as_typed)), key_(std::move(key)), address_(std::move(address)) {}

std::string_view Email::domain() const {
  return std::string_view(key_).substr(key_.rfind('@') + 1);
}

absl::StatusOr<Email> Email::Parse(std::string_view text) {
  // Four bytes for each octet's worth of characters: nothing longer can become a valid address.
  if (text.size() > 4 * kLongestAddress) return Wrong("must have at most 254 octets");
  auto typed = CleanText(text, {.min = 1, .max = kLongestAddress});
  if (!typed.ok()) return typed.status();
  const size_t at = typed->rfind('@');
  if (at == std::string::npos) return Wrong("must be an address like name@example.com");
  const std::string local = typed->substr(0, at);
  if (auto status = CheckLocalPart(local); !status.ok()) return status;
  auto domain = ToALabels(std::string_view(*typed).substr(at + 1));
  if (!domain.ok()) return domain.status();

  std::string address = local + "@" + *domain;
  if (address.size() > kLongestAddress) return Wrong("must have at most 254 octets");
  std::string key = absl::AsciiStrToLower(local) + "@" + *domain;
  return Email(*std::move(typed), std::move(key), std::move(address));
}

}  // namespace usher::model
