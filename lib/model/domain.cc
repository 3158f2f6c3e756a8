#include "model/domain.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "model/text.h"

namespace usher::model {
namespace {

constexpr size_t kLongestDomain = 253;
constexpr size_t kLongestLabel = 63;
constexpr std::string_view kBelow = "*.";

absl::Status Wrong() {
  return absl::InvalidArgumentError("must be a valid domain such as example.com");
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isascii(c); });
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

}  // namespace

absl::StatusOr<std::string> ParseDomain(std::string_view text) {
  std::string domain = absl::AsciiStrToLower(std::string(text));
  if (IsInternational(domain)) {
    // Not IDN2_USE_STD3_ASCII_RULES: with it libidn2 2.3.3 does not refuse what is outside of
    // these rules but drops it, so that mail for a@ex_ample.com would go to a@example.com.
    // IsHostName refuses instead, along with the empty labels that libidn2 lets through.
    char* output = nullptr;
    const int result =
        idn2_to_ascii_8z(domain.c_str(), &output, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    const std::unique_ptr<char, decltype(&idn2_free)> owned(output, &idn2_free);
    if (result != IDN2_OK) return Wrong();
    domain = absl::AsciiStrToLower(output);
  }
  if (!IsHostName(domain) || domain.size() > kLongestDomain) return Wrong();
  return domain;
}

absl::StatusOr<std::string> ParseDomainPattern(std::string_view text) {
  auto clean = CleanText(text, {.min = 1, .max = kLongestDomain + kBelow.size()});
  if (!clean.ok()) return clean.status();
  if (!absl::StartsWith(*clean, "*.")) return ParseDomain(*clean);
  auto domain = ParseDomain(std::string_view(*clean).substr(kBelow.size()));
  if (!domain.ok()) return domain.status();
  return std::string(kBelow) + *domain;
}

}  // namespace usher::model
