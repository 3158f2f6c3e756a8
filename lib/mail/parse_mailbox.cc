#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "mail/address.h"
#include "mail/message.h"

namespace usher::mail {

absl::StatusOr<Mailbox> ParseMailbox(std::string_view text) {
  Mailbox mailbox;
  std::string_view name;
  std::string_view address = text;
  const size_t open = text.rfind('<');
  if (open != std::string_view::npos && text.back() == '>') {
    name = text.substr(0, open);
    address = text.substr(open + 1, text.size() - open - 2);
  }
  mailbox.display_name = std::string(name);
  absl::StripAsciiWhitespace(&mailbox.display_name);
  std::string& shown = mailbox.display_name;
  if (shown.size() >= 2 && shown.front() == '"' && shown.back() == '"') {
    shown = shown.substr(1, shown.size() - 2);
  }
  mailbox.address = std::string(address);
  if (!IsSafeAddress(mailbox.address) || !IsSafeHeaderText(shown)) {
    return absl::InvalidArgumentError("must be local@domain or Name <local@domain>, in ASCII");
  }
  return mailbox;
}

}  // namespace usher::mail
