#include <gmime/gmime.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "mail/message.h"

namespace {

using usher::mail::Mailbox;
using usher::mail::Message;

void Require(bool condition) {
  if (!condition) std::abort();
}

Message MessageOf(const std::string& input) {
  std::vector<std::string> parts = absl::StrSplit(input, '\x01');
  parts.resize(6);
  Message message;
  message.from = Mailbox{parts[0], "invitations@example.com"};
  message.to = Mailbox{parts[1], parts[2].empty() ? "vic@example.com" : parts[2]};
  message.subject = parts[3];
  message.text = parts[4];
  message.html = parts[5];
  message.message_id = "dlv_1.1@example.com";
  message.date = absl::FromUnixSeconds(1'800'000'000);
  return message;
}

// The lines that an SMTP server sees: none is bare, none is too long.
void CheckLines(const std::string& mime) {
  size_t start = 0;
  for (size_t i = 0; i < mime.size(); ++i) {
    Require(static_cast<unsigned char>(mime[i]) < 0x80);
    if (mime[i] == '\n') {
      Require(i > 0 && mime[i - 1] == '\r' && i - start <= 999);
      start = i + 1;
    }
    if (mime[i] == '\r') Require(i + 1 < mime.size() && mime[i + 1] == '\n');
  }
}

void CheckMailbox(InternetAddressList* list, const Mailbox& mailbox) {
  Require(internet_address_list_length(list) == 1);
  InternetAddress* address = internet_address_list_get_address(list, 0);
  Require(INTERNET_ADDRESS_IS_MAILBOX(address));
  Require(mailbox.address == internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
}

void CheckParsed(const Message& message, const std::string& mime) {
  GMimeStream* stream = g_mime_stream_mem_new_with_buffer(mime.data(), mime.size());
  GMimeParser* parser = g_mime_parser_new_with_stream(stream);
  GMimeMessage* parsed = g_mime_parser_construct_message(parser, nullptr);
  Require(parsed != nullptr);
  Require(g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(parsed))) == 7);
  CheckMailbox(g_mime_message_get_from(parsed), message.from);
  CheckMailbox(g_mime_message_get_to(parsed), message.to);
  Require(GMIME_IS_MULTIPART(g_mime_message_get_mime_part(parsed)));
  Require(g_mime_multipart_get_count(GMIME_MULTIPART(g_mime_message_get_mime_part(parsed))) == 2);
  g_object_unref(parsed);
  g_object_unref(parser);
  g_object_unref(stream);
}

}  // namespace

// Whatever names and texts are, a message is refused or has its headers, one sender, one recipient
// and two parts, in lines that SMTP can carry.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Message message = MessageOf(std::string(reinterpret_cast<const char*>(data), size));
  const auto mime = usher::mail::Render(message);
  if (!mime.ok()) return 0;
  CheckLines(*mime);
  CheckParsed(message, *mime);
  return 0;
}
