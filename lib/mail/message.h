#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace usher::mail {

// Whom a header names. The address is ASCII, as model::Email::address() gives it.
struct Mailbox {
  std::string display_name;  // UTF-8; may be empty.
  std::string address;
};

// "Name <local@domain>" or "local@domain", as an operator writes it.
absl::StatusOr<Mailbox> ParseMailbox(std::string_view text);

// The same for every attempt to send one row of the outbox, so that a copy can be recognized.
std::string MessageId(std::string_view mail_id, uint32_t generation, std::string_view domain);

struct Message {
  Mailbox from;
  std::optional<Mailbox> reply_to;
  Mailbox to;
  std::string subject;
  std::string text;
  std::string html;
  std::string message_id;  // Without angle brackets.
  absl::Time date;
};

// The message as it goes over the wire (RFC 5322 and MIME, lines end with CRLF): text and HTML as
// alternatives in UTF-8. Whatever a name contains, a parser gives back exactly that name.
//
// INVALID_ARGUMENT for control characters in a header, invalid UTF-8 and addresses that are not
// ASCII. From any thread.
absl::StatusOr<std::string> Render(const Message& message);

}  // namespace usher::mail
