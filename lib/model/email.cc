#include "model/email.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "model/text.h"

namespace usher::model {
namespace {

constexpr size_t kLongestAddress = 254;
constexpr size_t kLongestLocalPart = 64;
constexpr size_t kLongestLabel = 63;
constexpr const char* kBadDomain = "must have a valid domain after the @";

absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isascii(c); });
}

bool IsAtomCharacter(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         kOthers.find(c) != std::string_view::npos;
}

absl::Status CheckLocalPart(std::string_view local) {
  if (local.empty()) return Wrong("must have something before the @");
  if (local.size() > kLongestLocalPart) return Wrong("must have at most 64 octets before the @");
  if (!IsAscii(local)) return Wrong("must have only ASCII characters before the @");
  bool after_dot = true;
  for (const char c : local) {
    if (c == '.' ? after_dot : !IsAtomCharacter(c)) {
      return Wrong("must be an address like name@example.com");
    }
    after_dot = c == '.';
  }
  return after_dot ? Wrong("must not have a dot before the @") : absl::OkStatus();
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-';
         });
}

// A top-level domain of digits would make it an address (RFC 3696 §2).
bool IsHostName(const std::string& domain) {
  const std::vector<std::string> labels = absl::StrSplit(domain, '.');
  return labels.size() >= 2 && std::all_of(labels.begin(), labels.end(), IsLabel) &&
         !std::all_of(labels.back().begin(), labels.back().end(), absl::ascii_isdigit);
}

// Lower case of an ASCII domain without A-labels needs no IDNA, whose rule against hyphens in third
// and fourth place would refuse domains that exist.
bool IsInternational(const std::string& domain) {
  return !IsAscii(domain) || absl::StrContains(domain, "xn--");
}

absl::StatusOr<std::string> ToALabels(std::string_view typed) {
  std::string domain = absl::AsciiStrToLower(std::string(typed));
  if (IsInternational(domain)) {
    // Not IDN2_USE_STD3_ASCII_RULES: with it libidn2 2.3.3 does not refuse what is outside of
    // these rules but drops it, so that mail for a@ex_ample.com would go to a@example.com.
    // IsHostName refuses instead, along with the empty labels that libidn2 lets through.
    char* output = nullptr;
    const int result =
        idn2_to_ascii_8z(domain.c_str(), &output, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    const std::unique_ptr<char, decltype(&idn2_free)> owned(output, &idn2_free);
    if (result != IDN2_OK) return Wrong(kBadDomain);
    domain = absl::AsciiStrToLower(output);
  }
  if (!IsHostName(domain)) return Wrong(kBadDomain);
  return domain;
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
