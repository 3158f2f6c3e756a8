#include "server/options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "mail/link.h"
#include "mail/message.h"
#include "pg/conninfo.h"
#include "server/flags.h"

namespace usher::server {
namespace {

const std::map<std::string, Level> kLevels = {{"debug", Level::kDebug},
                                              {"info", Level::kInfo},
                                              {"warning", Level::kWarning},
                                              {"error", Level::kError}};
const std::map<std::string, mail::SmtpTls> kTlsModes = {{"off", mail::SmtpTls::kOff},
                                                        {"if_offered", mail::SmtpTls::kIfOffered},
                                                        {"required", mail::SmtpTls::kRequired}};

bool IsPort(const std::string& text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && std::stoi(text) <= 65535;
}

// A name, an IPv4 address or an IPv6 address in brackets; nothing that a library would split into
// several addresses.
bool IsHost(const std::string& text) {
  if (absl::StartsWith(text, "[") && absl::EndsWith(text, "]")) {
    in6_addr ip{};
    return inet_pton(AF_INET6, text.substr(1, text.size() - 2).c_str(), &ip) == 1;
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
  });
}

Problem CheckAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  const bool valid =
      colon != std::string::npos && IsHost(text.substr(0, colon)) && IsPort(text.substr(colon + 1));
  return valid ? "" : "must be HOST:PORT";
}

Problem CheckAddressOrNone(const std::string& text) {
  return text.empty() ? "" : CheckAddress(text);
}

// Of a checked address. A name that only begins like 127.0.0.1 may resolve to anything.
bool IsLoopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  in_addr ip{};
  if (inet_pton(AF_INET, host.c_str(), &ip) == 1) return (ntohl(ip.s_addr) >> 24) == 127;
  return host == "localhost" || host == "[::1]";
}

struct NamedCommand {
  const char* name;
  const char* help;
  Command command;
};
constexpr NamedCommand kCommands[] = {
    {"serve", "Serve until SIGTERM (the default)", Command::kServe},
    {"migrate", "Bring the database's schema up to date", Command::kMigrate},
    {"check", "Tell whether the schema is new enough", Command::kCheck},
    {"generate-token-key", "Print a new key file", Command::kGenerateTokenKey},
    {"version", "Print the version", Command::kVersion}};

Command CommandOf(const std::string& name) {
  for (const NamedCommand& known : kCommands) {
    if (name == known.name) return known.command;
  }
  return Command::kServe;
}

void AddServer(FlagSet& flags, Options& options) {
  flags.Group("Server");
  flags.AddText("listen", options.listen, "Address for gRPC; port 0 takes a free one",
                CheckAddress);
  flags.AddText("listen_address_file", options.listen_address_file,
                "File that gets the address once it is listened on");
  flags.AddText(
      "health_listen", options.health_listen,
      "Address that answers grpc.health.v1 alone, in plain text, for probes; empty for none",
      CheckAddressOrNone);
  flags.AddText("metrics_listen", options.metrics_listen,
                "Address for Prometheus metrics; empty or off for none",
                [&options](const std::string& text) {
                  if (text == "off") options.metrics_listen.clear();
                  return text.empty() || text == "off" ? "" : CheckAddress(text);
                });
  flags.AddNumber("lanes", options.lanes, 1, 64,
                  "Threads that serve, each with connections of its own");
  flags.AddNumber("max_calls", options.max_calls, 1, 1'000'000,
                  "Calls that run at once on a lane; more are refused");
  flags.AddNumber("max_streams", options.max_streams, 1, 1'000'000,
                  "Streams of events that run at once on a lane, besides calls; more are refused");
  flags.AddDuration("max_deadline", options.max_deadline, absl::Milliseconds(1),
                    "The most time a call may take, whatever deadline it brings");
  flags.AddNumber("access_copy", options.access_copy, 0, 100'000'000,
                  "Members and sites whose rights each lane keeps in memory; 0: none");
  flags.AddSwitch("reflection", options.reflection, "Answer gRPC server reflection");
  flags.AddDuration("drain_delay", options.drain_delay, absl::ZeroDuration(),
                    "After SIGTERM, time that listeners stay open while health says NOT_SERVING");
  flags.AddDuration("drain_timeout", options.drain_timeout, absl::ZeroDuration(),
                    "After that, time that running calls may take to end");
  flags.AddChoice("log_level", options.log_level, kLevels, "Lowest level that is logged");
}

void AddCallers(FlagSet& flags, Options& options) {
  flags.Group("Callers");
  flags.AddText(
      "auth", options.auth,
      "How callers are known: insecure believes their metadata and listens on loopback only",
      [](const std::string& text) { return text == "insecure" ? "" : "must be insecure"; });
  flags.AddText("auth_config", options.auth_config,
                "File that says whose tokens and certificates are accepted; instead of --auth");
  flags.AddText("tls_certificate", options.tls_certificate,
                "PEM file with the server's certificate and its chain; empty: no TLS");
  flags.AddText("tls_key", options.tls_key, "PEM file with its private key");
  flags.AddText("tls_client_ca", options.tls_client_ca,
                "PEM file with the certificates that clients' ones are checked against; empty: "
                "clients are not asked for one");
  flags.AddSwitch("tls_require_client_certificate", options.tls_require_client_certificate,
                  "Refuse clients without a certificate");
  flags.AddText("token_key_file", options.token_key_file,
                "File with the keys of invitation links; see generate-token-key");
}

void AddDatabase(FlagSet& flags, Options& options) {
  flags.Group("PostgreSQL");
  flags.AddSecret("database", options.database,
                  "Connection string of libpq; may name several hosts. Empty: libpq's environment",
                  pg::HidePasswords);
  flags.AddNumber("database_connections", options.database_connections, 1, 100,
                  "Connections of each lane");
  flags.AddNumber("database_sharing", options.database_sharing, 1, 1000,
                  "Calls that may share a transaction when they are ready together; 1: none do");
  flags.AddDuration("database_timeout", options.database_timeout, absl::Milliseconds(10),
                    "The most time a statement may take");
  flags.AddSwitch("database_prepare", options.database_prepare,
                  "Use prepared statements; false behind a transaction-pooling proxy");
  flags.AddSwitch("migrate", options.migrate, "Bring the schema up to date before serving");
  flags.AddDuration("event_retention", options.event_retention, absl::Hours(1),
                    "For how long events are kept");
}

void AddMail(FlagSet& flags, Options& options) {
  flags.Group("Mail");
  flags.AddText(
      "smtp_url", options.smtp_url,
      "Mail server, smtp://HOST:PORT or smtps://HOST:PORT; empty: no mail is sent and links "
      "are returned to the inviter",
      [](const std::string& text) {
        const bool known =
            text.empty() || absl::StartsWith(text, "smtp://") || absl::StartsWith(text, "smtps://");
        if (!known) return "must begin with smtp:// or smtps://";
        // Here they would be printed and logged.
        const bool secret = absl::StrContains(text, '@');
        return secret ? "must not hold a user or password: see --smtp_user" : "";
      });
  flags.AddText("smtp_user", options.smtp_user, "User at the mail server");
  flags.AddSecret(
      "smtp_password", options.smtp_password, "Their password",
      [](const std::string& value) { return std::string(value.empty() ? "" : "(hidden)"); });
  flags.AddText("smtp_password_file", options.smtp_password_file, "File that holds it instead");
  flags.AddText("smtp_ca_file", options.smtp_ca_file,
                "Certificates that the mail server's is checked against; empty: the system's");
  flags.AddChoice("smtp_tls", options.smtp_tls, kTlsModes, "Use of STARTTLS");
  flags.AddText("mail_from", options.mail_from, "Sender of mails", [](const std::string& text) {
    return mail::ParseMailbox(text).ok() ? "" : "must be an address, or NAME <ADDRESS>";
  });
  flags.AddText("mail_reply_to", options.mail_reply_to, "Where replies go",
                [](const std::string& text) {
                  return text.empty() || mail::ParseMailbox(text).ok()
                             ? ""
                             : "must be an address, or NAME <ADDRESS>";
                });
  flags.AddNumber("mail_parallel", options.mail_parallel, 1, 64, "Mails that are sent at once");
  flags.AddSwitch("mail_external", options.mail_external,
                  "Queue mails for a service that sends them, see MailDelivery");
  flags.AddText("mail_locale", options.mail_locale,
                "Language of mails where neither invitation nor organization names one");
  flags.AddText("template_dir", options.template_dir,
                "Folder with mail templates that replace the built-in ones of the same names");
  flags.AddText("accept_uri_template", options.accept_uri_template,
                "Link in invitation mails; {token} stands for the token",
                [](const std::string& text) -> Problem {
                  const auto status = mail::CheckAcceptUriTemplate(text);
                  return std::string(status.message());
                });
}

Problem ReadPasswordFile(Options& options) {
  if (options.smtp_password_file.empty()) return "";
  std::ifstream file(options.smtp_password_file);
  if (!std::getline(file, options.smtp_password)) {
    return absl::StrCat("--smtp_password_file: cannot read ", options.smtp_password_file);
  }
  return "";
}

Problem CheckCallers(const Options& options) {
  if (options.auth.empty() == options.auth_config.empty()) {
    return "--auth: either --auth=insecure or --auth_config must be set";
  }
  if (!options.auth.empty() && !IsLoopback(options.listen)) {
    return "--auth: insecure needs --listen on a loopback address";
  }
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return "--tls_key: must be set together with --tls_certificate";
  }
  if (options.tls_certificate.empty() && !options.tls_client_ca.empty()) {
    return "--tls_client_ca: needs --tls_certificate";
  }
  if (options.tls_client_ca.empty() && options.tls_require_client_certificate) {
    return "--tls_require_client_certificate: needs --tls_client_ca";
  }
  return "";
}

// What flags say together.
Problem CheckServe(Options& options) {
  if (auto problem = CheckCallers(options); !problem.empty()) return problem;
  if (options.token_key_file.empty()) return "--token_key_file: must be set";
  return ReadPasswordFile(options);
}

ParsedCommandLine Print(std::string text) {
  ParsedCommandLine parsed;
  parsed.output = std::move(text);
  return parsed;
}

ParsedCommandLine Refuse(const Problem& problem) {
  ParsedCommandLine parsed;
  parsed.exit_code = 2;
  parsed.output = absl::StrCat("usherd: ", problem, "\n");
  return parsed;
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  ParsedCommandLine parsed;
  bool print_config = false;
  bool help_markdown = false;
  FlagSet flags("usherd", "The invitation and user-directory service.");
  AddServer(flags, parsed.options);
  AddLimitFlags(flags, parsed.options.limits);
  AddCallers(flags, parsed.options);
  AddDatabase(flags, parsed.options);
  AddMail(flags, parsed.options);
  flags.Group("Printing");
  flags.AddRequest("print_config", print_config, "Print the configuration and exit");
  flags.AddRequest("help_markdown", help_markdown, "Print a table of the flags and exit");
  for (const NamedCommand& known : kCommands) flags.AddCommand(known.name, known.help);

  const auto outcome = flags.Parse({argv + std::min(argc, 1), argv + argc});
  if (outcome.help) return Print(flags.Help());
  if (!outcome.problem.empty()) return Refuse(outcome.problem);
  if (help_markdown) return Print(flags.HelpMarkdown());
  if (print_config) return Print(flags.PrintConfig());
  parsed.command = CommandOf(outcome.command);
  if (parsed.command == Command::kServe) {
    const Problem problem = CheckServe(parsed.options);
    if (!problem.empty()) return Refuse(problem);
  }
  parsed.run = true;
  return parsed;
}

}  // namespace usher::server
