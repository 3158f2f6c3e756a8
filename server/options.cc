#include "server/options.h"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "mail/link.h"
#include "mail/message.h"
#include "server/conninfo.h"

namespace usher::server {
namespace {

using Problem = std::string;  // Of a value; empty when it has none.

const std::map<std::string, Level> kLevels = {{"debug", Level::kDebug},
                                              {"info", Level::kInfo},
                                              {"warning", Level::kWarning},
                                              {"error", Level::kError}};
const std::map<std::string, mail::SmtpTls> kTlsModes = {{"off", mail::SmtpTls::kOff},
                                                        {"if_offered", mail::SmtpTls::kIfOffered},
                                                        {"required", mail::SmtpTls::kRequired}};

template <class T>
std::string NameOf(const std::map<std::string, T>& names, T value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "";
}

Problem CheckAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
  if (colon == 0 || !digits || std::stoi(port) > 65535) return "must be HOST:PORT";
  return "";
}

// Of a checked address. A name that only begins like 127.0.0.1 may resolve to anything.
bool IsLoopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  in_addr ip{};
  if (inet_pton(AF_INET, host.c_str(), &ip) == 1) return (ntohl(ip.s_addr) >> 24) == 127;
  return host == "localhost" || host == "[::1]";
}

// The flags of usherd and where their values go.
class Flags {
 public:
  Flags(Options& options, std::vector<std::string> arguments)
      : options_(options), arguments_(std::move(arguments)) {
    app_.name("usherd");
    app_.description("The invitation and user-directory service.");
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    AddServer();
    AddCallers();
    AddDatabase();
    AddMail();
    AddPrinting();
    AddCommand("serve", "Serve until SIGTERM (the default)", Command::kServe);
    AddCommand("migrate", "Bring the database's schema up to date", Command::kMigrate);
    AddCommand("check", "Tell whether the schema is new enough", Command::kCheck);
    AddCommand("generate-token-key", "Print a new key file", Command::kGenerateTokenKey);
    AddCommand("version", "Print the version", Command::kVersion);
  }

  // Throws a CLI::Error.
  void Parse() {
    std::vector<std::string> backwards;
    for (const std::string& argument : arguments_) {
      // For CLI11 `--name=` takes the next argument as its value; here it is an empty value.
      const size_t equals = argument.find('=');
      const bool empty = absl::StartsWith(argument, "--") && equals == argument.size() - 1;
      backwards.push_back(empty ? argument.substr(0, equals) : argument);
      if (empty) backwards.emplace_back();
    }
    std::reverse(backwards.begin(), backwards.end());
    app_.parse(std::move(backwards));
  }

  const CLI::App& app() const { return app_; }
  bool print_config() const { return print_config_; }
  bool help_markdown() const { return help_markdown_; }

  Command command() const {
    for (const auto& [name, command] : commands_) {
      if (app_.got_subcommand(name)) return command;
    }
    return Command::kServe;
  }

  // The same for every command: all of them have all flags.
  std::string Help() const {
    return app_.get_formatter()->make_help(&app_, app_.get_name(), CLI::AppFormatMode::Normal);
  }

  // `name = value` of every flag, without secrets.
  std::string PrintConfig() const {
    std::string text;
    for (const Flag& flag : flags_) absl::StrAppend(&text, flag.name, " = ", flag.print(), "\n");
    return text;
  }

  // A table of all flags for the documentation.
  std::string HelpMarkdown() const {
    std::string text = "| Flag | Variable | Default | Meaning |\n|---|---|---|---|\n";
    for (const Flag& flag : flags_) {
      absl::StrAppend(&text, "| `--", flag.name, "` | `", flag.variable, "` | ",
                      flag.initial.empty() ? "" : absl::StrCat("`", flag.initial, "`"), " | ",
                      flag.help, " |\n");
    }
    return text;
  }

 private:
  struct Flag {
    std::string name;
    std::string variable;
    std::string help;
    std::string initial;
    std::function<std::string()> print;
  };

  // Whether the flag is on the command line; else its value is the variable's.
  bool IsGiven(const std::string& name) const {
    const std::string flag = absl::StrCat("--", name);
    return std::any_of(arguments_.begin(), arguments_.end(), [&flag](const std::string& argument) {
      return argument == flag || absl::StartsWith(argument, absl::StrCat(flag, "="));
    });
  }

  // A flag whose text `read` turns into a value, or into a problem.
  CLI::Option* Add(const std::string& name, const std::string& help,
                   std::function<Problem(const std::string&)> read,
                   std::function<std::string()> print) {
    const std::string variable = absl::StrCat("USHER_", absl::AsciiStrToUpper(name));
    const std::string initial = print();
    CLI::Option* option = app_.add_option_function<std::string>(
        absl::StrCat("--", name),
        [this, read = std::move(read), name, variable](const std::string& text) {
          if (const Problem wrong = read(text); !wrong.empty()) {
            throw CLI::ValidationError(IsGiven(name) ? absl::StrCat("--", name) : variable, wrong);
          }
        },
        initial.empty() ? help : absl::StrCat(help, " (default ", initial, ")"));
    option->envname(variable)->group(group_)->type_name("")->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    flags_.push_back({name, variable, help, initial, std::move(print)});
    return option;
  }

  CLI::Option* AddText(const std::string& name, std::string& value, const std::string& help,
                       std::function<Problem(const std::string&)> check = nullptr) {
    return Add(
        name, help,
        [&value, check = std::move(check)](const std::string& text) {
          value = text;
          return check ? check(text) : Problem();
        },
        [&value] { return value; });
  }

  void AddSecret(const std::string& name, std::string& value, const std::string& help) {
    Add(
        name, help,
        [&value](const std::string& text) {
          value = text;
          return Problem();
        },
        [&value] { return std::string(value.empty() ? "" : "(hidden)"); });
  }

  void AddNumber(const std::string& name, int& value, int min, int max, const std::string& help) {
    Add(
        name, help,
        [&value, min, max](const std::string& text) -> Problem {
          if (CLI::detail::lexical_cast(text, value) && value >= min && value <= max) return "";
          return absl::StrCat("must be a number from ", min, " to ", max);
        },
        [&value] { return std::to_string(value); });
  }

  void AddDuration(const std::string& name, absl::Duration& value, absl::Duration min,
                   const std::string& help) {
    Add(
        name, help,
        [&value, min](const std::string& text) -> Problem {
          if (absl::ParseDuration(text, &value) && value >= min && value <= absl::Hours(24)) {
            return "";
          }
          return absl::StrCat("must be a duration such as 500ms or 1m30s, from ",
                              absl::FormatDuration(min), " to 24h");
        },
        [&value] { return absl::FormatDuration(value); });
  }

  void AddSwitch(const std::string& name, bool& value, const std::string& help) {
    Add(
        name, help,
        [&value](const std::string& text) -> Problem {
          if (text != "true" && text != "false") return "must be true or false";
          value = text == "true";
          return "";
        },
        [&value] { return std::string(value ? "true" : "false"); })
        ->expected(0, 1)
        ->default_str("true");
  }

  template <class T>
  void AddChoice(const std::string& name, T& value, const std::map<std::string, T>& choices,
                 const std::string& help) {
    Add(
        name, help,
        [&value, &choices](const std::string& text) -> Problem {
          const auto found = choices.find(text);
          if (found == choices.end()) {
            std::string names;
            for (const auto& [choice, unused] : choices) {
              absl::StrAppend(&names, names.empty() ? "" : ", ", choice);
            }
            return absl::StrCat("must be one of ", names);
          }
          value = found->second;
          return "";
        },
        [&value, &choices] { return NameOf(choices, value); });
  }

  void AddServer() {
    group_ = "Server";
    AddText("listen", options_.listen, "Address for gRPC; port 0 takes a free one", CheckAddress);
    AddText("listen_address_file", options_.listen_address_file,
            "File that gets the address once it is listened on");
    AddText("metrics_listen", options_.metrics_listen,
            "Address for Prometheus metrics; empty for none",
            [](const std::string& text) { return text.empty() ? "" : CheckAddress(text); });
    AddNumber("lanes", options_.lanes, 1, 64,
              "Threads that serve, each with connections of its own");
    AddNumber("max_calls", options_.max_calls, 1, 1'000'000,
              "Calls that run at once on a lane; more are refused");
    AddDuration("max_deadline", options_.max_deadline, absl::Milliseconds(1),
                "The most time a call may take, whatever deadline it brings");
    AddSwitch("reflection", options_.reflection, "Answer gRPC server reflection");
    AddDuration("drain_delay", options_.drain_delay, absl::ZeroDuration(),
                "After SIGTERM, time that listeners stay open while health says NOT_SERVING");
    AddDuration("drain_timeout", options_.drain_timeout, absl::ZeroDuration(),
                "After that, time that running calls may take to end");
    AddChoice("log_level", options_.log_level, kLevels, "Lowest level that is logged");
  }

  void AddCallers() {
    group_ = "Callers";
    AddText("auth", options_.auth,
            "How callers are known: insecure believes their metadata and listens on loopback only",
            [](const std::string& text) { return text == "insecure" ? "" : "must be insecure"; });
    AddText("token_key_file", options_.token_key_file,
            "File with the keys of invitation links; see generate-token-key");
  }

  void AddDatabase() {
    group_ = "PostgreSQL";
    AddText("database", options_.database,
            "Connection string of libpq; may name several hosts. Empty: libpq's environment");
    flags_.back().print = [this] { return HidePasswords(options_.database); };
    AddNumber("database_connections", options_.database_connections, 1, 100,
              "Connections of each lane");
    AddDuration("database_timeout", options_.database_timeout, absl::Milliseconds(10),
                "The most time a statement may take");
    AddSwitch("database_prepare", options_.database_prepare,
              "Use prepared statements; false behind a transaction-pooling proxy");
    AddSwitch("migrate", options_.migrate, "Bring the schema up to date before serving");
  }

  void AddMail() {
    group_ = "Mail";
    AddText("smtp_url", options_.smtp_url,
            "Mail server, smtp://HOST:PORT or smtps://HOST:PORT; empty: no mail is sent and links "
            "are returned to the inviter",
            [](const std::string& text) {
              const bool known = text.empty() || absl::StartsWith(text, "smtp://") ||
                                 absl::StartsWith(text, "smtps://");
              if (!known) return "must begin with smtp:// or smtps://";
              // Here they would be printed and logged.
              const bool secret = absl::StrContains(text, '@');
              return secret ? "must not hold a user or password: see --smtp_user" : "";
            });
    AddText("smtp_user", options_.smtp_user, "User at the mail server");
    AddSecret("smtp_password", options_.smtp_password, "Their password");
    AddText("smtp_password_file", options_.smtp_password_file, "File that holds it instead");
    AddText("smtp_ca_file", options_.smtp_ca_file,
            "Certificates that the mail server's is checked against; empty: the system's");
    AddChoice("smtp_tls", options_.smtp_tls, kTlsModes, "Use of STARTTLS");
    AddText("mail_from", options_.mail_from, "Sender of mails", [](const std::string& text) {
      return mail::ParseMailbox(text).ok() ? "" : "must be an address, or NAME <ADDRESS>";
    });
    AddText("mail_reply_to", options_.mail_reply_to, "Where replies go",
            [](const std::string& text) {
              return text.empty() || mail::ParseMailbox(text).ok()
                         ? ""
                         : "must be an address, or NAME <ADDRESS>";
            });
    AddNumber("mail_parallel", options_.mail_parallel, 1, 64, "Mails that are sent at once");
    AddText("accept_uri_template", options_.accept_uri_template,
            "Link in invitation mails; {token} stands for the token",
            [](const std::string& text) -> Problem {
              const auto status = mail::CheckAcceptUriTemplate(text);
              return std::string(status.message());
            });
  }

  void AddPrinting() {
    app_.add_flag("--print_config", print_config_, "Print the configuration and exit")
        ->group("Printing");
    app_.add_flag("--help_markdown", help_markdown_, "Print a table of the flags and exit")
        ->group("Printing");
  }

  void AddCommand(const std::string& name, const std::string& help, Command command) {
    app_.add_subcommand(name, help)->fallthrough();
    commands_.emplace_back(name, command);
  }

  Options& options_;
  const std::vector<std::string> arguments_;
  CLI::App app_;
  std::string group_;
  std::vector<Flag> flags_;
  std::vector<std::pair<std::string, Command>> commands_;
  bool print_config_ = false;
  bool help_markdown_ = false;
};

Problem ReadPasswordFile(Options& options) {
  if (options.smtp_password_file.empty()) return "";
  std::ifstream file(options.smtp_password_file);
  if (!std::getline(file, options.smtp_password)) {
    return absl::StrCat("--smtp_password_file: cannot read ", options.smtp_password_file);
  }
  return "";
}

// What flags say together.
Problem CheckServe(Options& options) {
  if (options.auth.empty()) return "--auth: must be set";
  if (!IsLoopback(options.listen)) return "--auth: insecure needs --listen on a loopback address";
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
  parsed.output = absl::StrCat("usherd: ", absl::StrReplaceAll(problem, {{"\n", " "}}), "\n");
  return parsed;
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  ParsedCommandLine parsed;
  Flags flags(parsed.options, {argv + 1, argv + argc});
  try {
    flags.Parse();
  } catch (const CLI::CallForHelp&) {
    return Print(flags.Help());
  } catch (const CLI::ExtrasError&) {
    // Without its value, which may be the secret of a misspelled flag.
    const std::string extra = flags.app().remaining(/*recurse=*/true).front();
    return Refuse(absl::StrCat(extra.substr(0, extra.find('=')), ": no such flag or command"));
  } catch (const CLI::Error& error) {
    return Refuse(error.what());
  }
  if (flags.help_markdown()) return Print(flags.HelpMarkdown());
  if (flags.print_config()) return Print(flags.PrintConfig());
  parsed.command = flags.command();
  if (parsed.command == Command::kServe) {
    if (const Problem problem = CheckServe(parsed.options); !problem.empty()) {
      return Refuse(problem);
    }
  }
  parsed.run = true;
  return parsed;
}

}  // namespace usher::server
