#pragma once

#include <string>

#include "absl/time/time.h"
#include "mail/smtp.h"
#include "server/limits.h"
#include "server/log.h"

namespace usher::server {

// What the flags of `usherd` say; each has an environment variable USHER_… too, and the flag wins.
// The texts of --help are in options.cc, from which the table in docs/operations.md is made.
struct Options {
  std::string listen = "127.0.0.1:50051";
  std::string listen_address_file;
  std::string health_listen;
  std::string metrics_listen = "127.0.0.1:9464";
  int lanes = 1;
  int max_calls = 1000;
  int max_streams = 1000;
  absl::Duration max_deadline = absl::Seconds(30);
  int access_copy = 100'000;
  bool reflection = true;
  absl::Duration drain_delay = absl::Seconds(5);
  absl::Duration drain_timeout = absl::Seconds(20);
  Limits limits;
  Level log_level = Level::kInfo;

  std::string auth;
  std::string auth_config;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  bool tls_require_client_certificate = false;
  std::string token_key_file;

  std::string database;
  int database_connections = 4;
  int database_sharing = 32;
  absl::Duration database_timeout = absl::Seconds(5);
  bool database_prepare = true;
  bool migrate = false;
  absl::Duration event_retention = absl::Hours(24 * 365);

  std::string smtp_url;
  std::string smtp_user;
  std::string smtp_password;
  std::string smtp_password_file;
  std::string smtp_ca_file;
  mail::SmtpTls smtp_tls = mail::SmtpTls::kIfOffered;
  std::string mail_from = "usher <invitations@localhost>";
  std::string mail_reply_to;
  int mail_parallel = 4;
  bool mail_external = false;
  std::string mail_locale = "en";
  std::string template_dir;
  std::string accept_uri_template = "https://localhost/invitations/accept?token={token}";
};

enum class Command { kServe, kMigrate, kCheck, kGenerateTokenKey, kVersion };

struct ParsedCommandLine {
  // Run `command`; otherwise print `output` (to standard error if exit_code is not 0) and exit.
  bool run = false;
  Command command = Command::kServe;
  Options options;
  int exit_code = 0;
  std::string output;
};

// Reads the command line and the environment. Whatever is wrong gives exit code 2 and one line
// that names the flag.
ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace usher::server
