#include "mail/compose.h"

#include "mail/link.h"
#include "model/email.h"
#include "model/person_name.h"

namespace usher::mail {
namespace {

std::string DomainOf(const std::string& address) { return address.substr(address.rfind('@') + 1); }

}  // namespace

absl::StatusOr<ComposedMail> Composer::Compose(const LeasedMail& leased) const {
  const auto email = model::Email::Parse(leased.recipient);
  if (!email.ok()) return email.status();
  ComposedMail composed;
  composed.sender = sender_.from.address;
  composed.recipient = email->address();
  if (!IsNotice(leased.mail.kind)) {
    composed.accept_uri =
        AcceptUri(sender_.accept_uri_template, model::Derive(keys_, leased.claims));
  }
  InvitationMail mail = leased.mail;
  mail.accept_uri = composed.accept_uri;
  auto rendered = templates_.Render(mail);
  if (!rendered.ok()) return rendered.status();
  composed.rendered = *std::move(rendered);
  composed.message_id =
      MessageId(leased.id.ToString(), leased.claims.generation, DomainOf(composed.sender));

  Message message;
  message.from = sender_.from;
  message.reply_to = sender_.reply_to;
  message.to = {model::DisplayName(mail.first_name, mail.last_name), composed.recipient};
  message.subject = composed.rendered.subject;
  message.text = composed.rendered.text;
  message.html = composed.rendered.html;
  message.message_id = composed.message_id;
  message.date = leased.create_time;
  auto mime = Render(message);
  if (!mime.ok()) return mime.status();
  composed.mime = *std::move(mime);
  return composed;
}

}  // namespace usher::mail
