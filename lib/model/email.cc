#include "model/email.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "model/domain.h"
#include "model/text.h"

namespace usher::model {
namespace {

constexpr size_t kLongestAddress = 254;
constexpr size_t kLongestLocalPart = 64;

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
  const auto domain = ParseDomain(std::string_view(*typed).substr(at + 1));
  if (!domain.ok()) return Wrong("must have a valid domain after the @");

  std::string address = local + "@" + *domain;
  if (address.size() > kLongestAddress) return Wrong("must have at most 254 octets");
  std::string key = absl::AsciiStrToLower(local) + "@" + *domain;
  return Email(*std::move(typed), std::move(key), std::move(address));
}

}  // namespace usher::model
