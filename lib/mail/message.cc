#include "mail/message.h"

#include <gmime/gmime.h>

#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "mail/address.h"
#include "mail/encoded_words.h"
#include "model/text.h"

namespace usher::mail {
namespace {

constexpr char kUtf8[] = "utf-8";

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

struct FreeFormat {
  void operator()(GMimeFormatOptions* format) const { g_mime_format_options_free(format); }
};

void InitializeGmime() {
  static std::once_flag once;
  std::call_once(once, g_mime_init);
}

absl::Status CheckMailbox(const Mailbox& mailbox) {
  if (!IsSafeAddress(mailbox.address)) {
    return absl::InvalidArgumentError("an address is not local@domain in printable ASCII");
  }
  if (!IsSafeHeaderText(mailbox.display_name)) {
    return absl::InvalidArgumentError("a name has control characters or is not UTF-8");
  }
  return absl::OkStatus();
}

absl::Status Check(const Message& message) {
  for (const Mailbox& mailbox :
       {message.from, message.reply_to.value_or(message.from), message.to}) {
    if (auto status = CheckMailbox(mailbox); !status.ok()) return status;
  }
  if (!IsSafeHeaderText(message.subject)) {
    return absl::InvalidArgumentError("the subject has control characters or is not UTF-8");
  }
  if (!IsSafeAddress(message.message_id)) {
    return absl::InvalidArgumentError("the Message-ID is not id@domain");
  }
  if (!model::IsValidUtf8(message.text) || !model::IsValidUtf8(message.html)) {
    return absl::InvalidArgumentError("the body is not UTF-8");
  }
  return absl::OkStatus();
}

void AddMailbox(InternetAddressList* list, const Mailbox& mailbox) {
  const std::string name = EncodeWhereMisread(mailbox.display_name);
  const Owned<InternetAddress> address(
      internet_address_mailbox_new(name.empty() ? nullptr : name.c_str(), mailbox.address.c_str()));
  internet_address_set_charset(address.get(), kUtf8);
  internet_address_list_add(list, address.get());
}

Owned<GMimeObject> TextPart(const char* subtype, std::string_view text) {
  const std::string lines = absl::StrReplaceAll(std::string(text), {{"\r\n", "\n"}});
  GMimePart* part = g_mime_part_new_with_type("text", subtype);
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(lines.data(), lines.size()));
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part, content.get());
  g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", kUtf8);
  return Owned<GMimeObject>(GMIME_OBJECT(part));
}

void SetDate(GMimeMessage* mime, absl::Time time) {
  GDateTime* date = g_date_time_new_from_unix_utc(absl::ToUnixSeconds(time));
  g_mime_message_set_date(mime, date);
  g_date_time_unref(date);
}

void SetHeaders(GMimeMessage* mime, const Message& message) {
  AddMailbox(g_mime_message_get_from(mime), message.from);
  if (message.reply_to) AddMailbox(g_mime_message_get_reply_to(mime), *message.reply_to);
  AddMailbox(g_mime_message_get_to(mime), message.to);
  g_mime_message_set_subject(mime, EncodeWhereMisread(message.subject).c_str(), kUtf8);
  SetDate(mime, message.date);
  g_mime_message_set_message_id(mime, message.message_id.c_str());
  // Keeps holiday notices and other robots from answering (RFC 3834).
  g_mime_object_set_header(GMIME_OBJECT(mime), "Auto-Submitted", "auto-generated", kUtf8);
}

void SetBody(GMimeMessage* mime, const Message& message) {
  const Owned<GMimeMultipart> body(g_mime_multipart_new_with_subtype("alternative"));
  g_mime_multipart_add(body.get(), TextPart("plain", message.text).get());
  g_mime_multipart_add(body.get(), TextPart("html", message.html).get());
  g_mime_message_set_mime_part(mime, GMIME_OBJECT(body.get()));
}

std::string Write(GMimeMessage* mime) {
  const std::unique_ptr<GMimeFormatOptions, FreeFormat> format(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_DOS);
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(GMIME_OBJECT(mime), format.get(), stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

}  // namespace

std::string MessageId(std::string_view mail_id, uint32_t generation, std::string_view domain) {
  return absl::StrCat(std::string(mail_id), ".", generation, "@", std::string(domain));
}

absl::StatusOr<std::string> Render(const Message& message) {
  if (auto status = Check(message); !status.ok()) return status;
  InitializeGmime();
  const Owned<GMimeMessage> mime(g_mime_message_new(/*pretty_headers=*/TRUE));
  SetHeaders(mime.get(), message);
  SetBody(mime.get(), message);
  return Write(mime.get());
}

}  // namespace usher::mail
