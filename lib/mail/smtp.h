#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace usher::mail {

// How a connection to smtp:// is secured; smtps:// is TLS from its first byte.
enum class SmtpTls {
  kOff,        // Never.
  kIfOffered,  // With STARTTLS where the server offers it. A login demands it all the same.
  kRequired,   // A server without STARTTLS gets no mail.
};

struct SmtpOptions {
  std::string url;  // smtp://host:port or smtps://host:port
  std::string user;
  std::string password;
  std::string ca_file;  // Trusted instead of the system's authorities.
  SmtpTls tls = SmtpTls::kIfOffered;
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration total_timeout = absl::Seconds(60);
  std::string ehlo_name;  // The host's name where empty.
};

// INVALID_ARGUMENT unless SmtpClient can work with them.
absl::Status CheckSmtpOptions(const SmtpOptions& options);

struct SmtpResult {
  enum class Outcome {
    kSent,
    kTemporary,  // Worth another attempt: 4xx, no connection, TLS, time-out, or a refusal of the
                 // session (greeting, STARTTLS, login) that says nothing about this mail.
    kPermanent,  // 5xx to this mail.
    kAmbiguous,  // No answer to the whole message: the server may have taken it (RFC 1047).
  };
  Outcome outcome = Outcome::kTemporary;
  int code = 0;          // The reply that decided; 0 when none did. 354 for an unknown outcome.
  std::string enhanced;  // Its enhanced status code, such as "4.7.1" (RFC 3463); may be empty.
  // Whether the server turned the session away, so that other mails would fare no better: no
  // connection, TLS, login, or 421.
  bool relay_away = false;
  std::string detail;  // For people. Holds no address and no text of the server.
};

// Hands one message at a time to a mail server.
//
// Keeps its connection for the next message. Blocks, so each sending thread has its own; may move
// between threads but not be used by two at once. An address that could smuggle a second command
// into the session is a permanent failure before anything is sent, since libcurl passes line
// breaks on. Certificates and host names are always verified.
class SmtpClient {
 public:
  explicit SmtpClient(SmtpOptions options);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // `data` is a whole message with CRLF line ends; dots are escaped here.
  SmtpResult Send(std::string_view envelope_from, std::string_view recipient,
                  std::string_view data);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace usher::mail
