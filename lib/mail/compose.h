#pragma once

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "mail/invitation_mail.h"
#include "mail/message.h"
#include "mail/outbox.h"
#include "model/token.h"

namespace usher::mail {

// Who sends mails, and where their links lead.
struct Sender {
  Mailbox from;
  std::optional<Mailbox> reply_to;
  std::string accept_uri_template;
};

// A mail ready to send. It may have a live link: not to be logged or kept.
struct ComposedMail {
  std::string sender;     // Of the envelope.
  std::string recipient;  // Of the envelope: ASCII.
  std::string message_id;
  std::string accept_uri;  // Empty in a notice.
  RenderedMail rendered;
  std::string mime;  // The whole message.
};

// Writes mails: derives the token, which is stored nowhere, fills the templates, makes the message.
// The same for every attempt, Message-ID and Date included, so that a copy can be recognized.
// Immutable; from any thread.
class Composer {
 public:
  Composer(const model::TokenKeys& keys, InvitationTemplates templates, Sender sender)
      : keys_(keys), templates_(std::move(templates)), sender_(std::move(sender)) {}

  absl::StatusOr<ComposedMail> Compose(const LeasedMail& leased) const;

 private:
  const model::TokenKeys& keys_;
  const InvitationTemplates templates_;
  const Sender sender_;
};

}  // namespace usher::mail
