#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace usher::server {

// What is wrong with a value, as the rest of a sentence that begins with its flag; empty if
// nothing.
using Problem = std::string;

// Flags, each with an environment variable USHER_… that it wins over, and commands, on CLI11.
// An empty variable counts as one that is not set.
//
// A flag writes to a variable that outlives the set and whose value at that time is the default.
// All commands have all flags. Problems never quote a value, which may be secret.
class FlagSet {
 public:
  using Check = std::function<Problem(const std::string& text)>;

  FlagSet(const std::string& program, const std::string& description);
  FlagSet(const FlagSet&) = delete;
  FlagSet& operator=(const FlagSet&) = delete;

  // The heading in --help of the flags added from here on.
  void Group(const std::string& heading) { group_ = heading; }
  void AddText(const std::string& name, std::string& value, const std::string& help,
               Check check = nullptr);
  // `print` makes of the value what may be shown.
  void AddSecret(const std::string& name, std::string& value, const std::string& help,
                 std::function<std::string(const std::string& value)> print);
  void AddNumber(const std::string& name, int& value, int min, int max, const std::string& help);
  void AddDuration(const std::string& name, absl::Duration& value, absl::Duration min,
                   const std::string& help);
  // --name, --name=true or --name=false.
  void AddSwitch(const std::string& name, bool& value, const std::string& help);
  // One of `choices`, which outlive the set.
  template <class T>
  void AddChoice(const std::string& name, T& value, const std::map<std::string, T>& choices,
                 const std::string& help);
  // --name without a variable: asks for something other than running.
  void AddRequest(const std::string& name, bool& asked, const std::string& help);
  void AddCommand(const std::string& name, const std::string& help);

  struct Outcome {
    bool help = false;    // --help is there.
    Problem problem;      // Names the flag or the variable that it comes from.
    std::string command;  // Empty when none is given.
  };
  Outcome Parse(const std::vector<std::string>& arguments);

  std::string Help() const;
  // `name = value` of every flag, a line each, under a comment that tells where values come from.
  std::string PrintConfig() const;
  // A table of all flags for the documentation.
  std::string HelpMarkdown() const;

 private:
  struct Flag {
    std::string name;
    std::string variable;
    std::string help;
    std::string initial;
    std::function<std::string()> print;
  };

  enum class Source { kCommandLine, kEnvironment, kDefault };

  CLI::Option* Add(const std::string& name, const std::string& help, Check read,
                   std::function<std::string()> print);
  bool IsGiven(const std::string& flag) const;
  Source SourceOf(const Flag& flag) const;

  CLI::App app_;
  std::string group_;
  std::vector<Flag> flags_;
  std::vector<std::string> arguments_;
};

template <class T>
void FlagSet::AddChoice(const std::string& name, T& value, const std::map<std::string, T>& choices,
                        const std::string& help) {
  std::string names;
  for (const auto& choice : choices) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", choice.first);
  }
  const Check read = [&value, &choices, names](const std::string& text) -> Problem {
    const auto found = choices.find(text);
    if (found == choices.end()) return absl::StrCat("must be one of ", names);
    value = found->second;
    return "";
  };
  Add(name, absl::StrCat(help, ": ", names), read, [&value, &choices]() -> std::string {
    for (const auto& [choice, chosen] : choices) {
      if (chosen == value) return choice;
    }
    return "";
  });
}

}  // namespace usher::server
