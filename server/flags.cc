#include "server/flags.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace usher::server {
namespace {

// CLI11 wants arguments backwards, and for it `--name=` takes the next argument as its value; here
// it is an empty value.
std::vector<std::string> ForCli11(const std::vector<std::string>& arguments) {
  std::vector<std::string> backwards;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    const bool empty = absl::StartsWith(argument, "--") && equals == argument.size() - 1;
    backwards.push_back(empty ? argument.substr(0, equals) : argument);
    if (empty) backwards.emplace_back();
  }
  std::reverse(backwards.begin(), backwards.end());
  return backwards;
}

}  // namespace

FlagSet::FlagSet(const std::string& program, const std::string& description) {
  app_.name(program);
  app_.description(description);
  app_.require_subcommand(0, 1);
  app_.fallthrough();
}

CLI::Option* FlagSet::Add(const std::string& name, const std::string& help, Check read,
                          std::function<std::string()> print) {
  const std::string flag = absl::StrCat("--", name);
  const std::string variable = absl::StrCat("USHER_", absl::AsciiStrToUpper(name));
  const std::string initial = print();
  CLI::Option* option = app_.add_option_function<std::string>(
      flag,
      [this, read = std::move(read), flag, variable](const std::string& text) {
        const Problem problem = read(text);
        if (problem.empty()) return;
        throw CLI::ValidationError(IsGiven(flag) ? flag : variable, problem);
      },
      initial.empty() ? help : absl::StrCat(help, " (default ", initial, ")"));
  option->envname(variable)->group(group_)->type_name("")->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  flags_.push_back({name, variable, help, initial, std::move(print)});
  return option;
}

// Whether the flag is on the command line; else its value is the variable's.
bool FlagSet::IsGiven(const std::string& flag) const {
  return std::any_of(arguments_.begin(), arguments_.end(), [&flag](const std::string& argument) {
    return argument == flag || absl::StartsWith(argument, absl::StrCat(flag, "="));
  });
}

FlagSet::Source FlagSet::SourceOf(const Flag& flag) const {
  if (IsGiven(absl::StrCat("--", flag.name))) return Source::kCommandLine;
  const char* variable = std::getenv(flag.variable.c_str());
  const bool set = variable != nullptr && *variable != '\0';
  return set ? Source::kEnvironment : Source::kDefault;
}

void FlagSet::AddText(const std::string& name, std::string& value, const std::string& help,
                      Check check) {
  const auto read = [&value, check = std::move(check)](const std::string& text) {
    value = text;
    return check ? check(text) : Problem();
  };
  Add(name, help, read, [&value] { return value; });
}

void FlagSet::AddSecret(const std::string& name, std::string& value, const std::string& help,
                        std::function<std::string(const std::string&)> print) {
  const auto read = [&value](const std::string& text) {
    value = text;
    return Problem();
  };
  Add(name, help, read, [&value, print = std::move(print)] { return print(value); });
}

void FlagSet::AddNumber(const std::string& name, int& value, int min, int max,
                        const std::string& help) {
  const auto read = [&value, min, max](const std::string& text) -> Problem {
    if (absl::SimpleAtoi(text, &value) && value >= min && value <= max) return "";
    return absl::StrCat("must be a number from ", min, " to ", max);
  };
  Add(name, help, read, [&value] { return std::to_string(value); });
}

void FlagSet::AddDuration(const std::string& name, absl::Duration& value, absl::Duration min,
                          const std::string& help) {
  const auto read = [&value, min](const std::string& text) -> Problem {
    if (absl::ParseDuration(text, &value) && value >= min && value <= absl::Hours(24)) return "";
    return absl::StrCat("must be a duration such as 500ms or 1m30s, from ",
                        absl::FormatDuration(min), " to 24h");
  };
  Add(name, help, read, [&value] { return absl::FormatDuration(value); });
}

void FlagSet::AddSwitch(const std::string& name, bool& value, const std::string& help) {
  const auto read = [&value](const std::string& text) -> Problem {
    if (text != "true" && text != "false") return "must be true or false";
    value = text == "true";
    return "";
  };
  Add(name, help, read, [&value]() -> std::string { return value ? "true" : "false"; })
      ->expected(0, 1)
      ->default_str("true");
}

void FlagSet::AddRequest(const std::string& name, bool& asked, const std::string& help) {
  app_.add_flag(absl::StrCat("--", name), asked, help)->group(group_);
}

void FlagSet::AddCommand(const std::string& name, const std::string& help) {
  app_.add_subcommand(name, help)->fallthrough();
}

FlagSet::Outcome FlagSet::Parse(const std::vector<std::string>& arguments) {
  arguments_ = arguments;
  Outcome outcome;
  // CLI11 swallows a command that comes after it.
  if (std::find(arguments.begin(), arguments.end(), "--") != arguments.end()) {
    outcome.problem = "--: no such flag or command";
    return outcome;
  }
  try {
    app_.parse(ForCli11(arguments));
    const auto commands = app_.get_subcommands();
    if (!commands.empty()) outcome.command = commands.front()->get_name();
  } catch (const CLI::CallForHelp&) {
    outcome.help = true;
  } catch (const CLI::ExtrasError&) {
    // Without its value, which may be the secret of a misspelled flag.
    const std::string argument = app_.remaining(/*recurse=*/true).front();
    const std::string extra = argument.substr(0, argument.find('='));
    const auto same_name = [&extra](const CLI::App* known) { return known->get_name() == extra; };
    const bool second = !app_.get_subcommands(same_name).empty();
    outcome.problem = absl::StrCat(
        extra, second ? ": only one command can be given" : ": no such flag or command");
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    outcome.problem = absl::StrCat(text.substr(0, text.find(':')), ": needs a value");
  } catch (const CLI::Error& error) {
    outcome.problem = error.what();
  }
  outcome.problem = absl::StrReplaceAll(outcome.problem, {{"\n", " "}});
  return outcome;
}

std::string FlagSet::Help() const {
  // Not app_.help(), which is a command's own, without any flag, once a command is given.
  return app_.get_formatter()->make_help(&app_, app_.get_name(), CLI::AppFormatMode::Normal);
}

std::string FlagSet::PrintConfig() const {
  constexpr const char* kHeadings[] = {"# from the command line\n", "# from the environment\n",
                                       "# defaults\n"};
  std::string sections[std::size(kHeadings)];
  for (const Flag& flag : flags_) {
    absl::StrAppend(&sections[static_cast<size_t>(SourceOf(flag))], flag.name, " = ", flag.print(),
                    "\n");
  }
  std::string text;
  for (size_t i = 0; i < std::size(kHeadings); ++i) {
    if (!sections[i].empty()) absl::StrAppend(&text, kHeadings[i], sections[i]);
  }
  return text;
}

std::string FlagSet::HelpMarkdown() const {
  std::string text = "| Flag | Variable | Default | Meaning |\n|---|---|---|---|\n";
  for (const Flag& flag : flags_) {
    absl::StrAppend(&text, "| `--", flag.name, "` | `", flag.variable, "` | ",
                    flag.initial.empty() ? "" : absl::StrCat("`", flag.initial, "`"), " | ",
                    flag.help, " |\n");
  }
  return text;
}

}  // namespace usher::server
