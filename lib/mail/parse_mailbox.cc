#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "mail/address.h"
#include "mail/message.h"

namespace usher::mail {
namespace {

// A quoted string of RFC 5322 without its quotes and backslashes; other text as it is.
std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string plain;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain.push_back(text[i]);
  }
  return plain;
}

}  // namespace

absl::StatusOr<Mailbox> ParseMailbox(std::string_view text) {
  Mailbox mailbox;
  std::string_view name;
  std::string_view address = text;
  const size_t open = text.rfind('<');
  if (open != std::string_view::npos && text.back() == '>') {
    name = text.substr(0, open);
    address = text.substr(open + 1, text.size() - open - 2);
  }
  std::string shown(name);
  absl::StripAsciiWhitespace(&shown);
  mailbox.display_name = Unquote(shown);
  mailbox.address = std::string(address);
  if (!IsSafeAddress(mailbox.address) || !IsSafeHeaderText(mailbox.display_name)) {
    return absl::InvalidArgumentError("must be local@domain or Name <local@domain>, in ASCII");
  }
  return mailbox;
}

}  // namespace usher::mail
