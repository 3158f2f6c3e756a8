#include "mail/phrases.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "mail/template_check.h"

namespace usher::mail {
namespace {

constexpr std::string_view kMonths = "months";
constexpr std::string_view kExpires = "expires";
constexpr std::string_view kAndMore = "and_more";

constexpr std::array<std::string_view, 41> kNames = {kMonths,
                                                     kExpires,
                                                     "separator",
                                                     kAndMore,
                                                     "label_end",
                                                     "subject",
                                                     "subject_without_inviter",
                                                     "heading",
                                                     "greeting",
                                                     "sentence",
                                                     "sentence_without_inviter",
                                                     "reminder_subject",
                                                     "reminder_sentence",
                                                     "reminder_sentence_without_inviter",
                                                     "accepted_subject",
                                                     "accepted_heading",
                                                     "accepted_sentence",
                                                     "declined_subject",
                                                     "declined_heading",
                                                     "declined_sentence",
                                                     "note_label",
                                                     "role_label",
                                                     "access_label",
                                                     "all_sites_value",
                                                     "site_groups_label",
                                                     "sites_label",
                                                     "expires_label",
                                                     "accept",
                                                     "open_link",
                                                     "button_broken",
                                                     "only_for",
                                                     "ignore",
                                                     "email_label",
                                                     "sent_by_you",
                                                     "role_super_user",
                                                     "role_network_admin",
                                                     "role_observer",
                                                     "role_helpdesk",
                                                     "role_reporting",
                                                     "role_dc_edge_admin",
                                                     "role_super_observer"};

constexpr std::array<std::string_view, 6> kDateValues = {"day",          "first_day", "month",
                                                         "month_number", "year",      "time"};
constexpr std::array<std::string_view, 1> kMoreValues = {"more"};
constexpr std::array<std::string_view, 10> kValues = {
    "organization", "inviter", "first_name", "last_name", "display_name",
    "email",        "role",    "expires",    "invitee",   "invitee_email"};

TemplateNames ValuesOf(std::string_view name) {
  if (name == kExpires) return {kDateValues, {}};
  if (name == kAndMore) return {kMoreValues, {}};
  return {kValues, {}};
}

std::string_view PrefixOf(Kind kind) {
  switch (kind) {
    case Kind::kInvitation:
      return "";
    case Kind::kReminder:
      return "reminder_";
    case Kind::kAccepted:
      return "accepted_";
    case Kind::kDeclined:
      return "declined_";
  }
  return "";
}

std::string Unquoted(std::string text) {
  absl::StripAsciiWhitespace(&text);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

}  // namespace

std::span<const std::string_view> Phrases::Names() { return kNames; }

absl::Status Phrases::ReadLine(const TemplateFile& file, int number, std::string_view line) {
  const size_t equals = line.find('=');
  std::string name(line.substr(0, equals));
  absl::StripAsciiWhitespace(&name);
  if (equals == std::string_view::npos) return TemplateFault(file, number, "is not name = text");
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    return TemplateFault(file, number, absl::StrCat("unknown phrase \"", name, "\""));
  }
  const std::string text = Unquoted(std::string(line.substr(equals + 1)));
  if (text.empty()) return TemplateFault(file, number, "has no text");
  if (auto status = CheckTemplate(file, number, text, ValuesOf(name)); !status.ok()) return status;
  if (text.find_first_of("<>&") != std::string::npos) {
    return TemplateFault(file, number, "< > & are not allowed in phrases");
  }
  if (name == kMonths) {
    months_ = absl::StrSplit(text, '|');
    if (months_.size() != 12) return TemplateFault(file, number, "needs 12 months, with | between");
  }
  texts_[name] = text;
  return absl::OkStatus();
}

absl::Status Phrases::Read(const TemplateFile& file) {
  int number = 0;
  for (const auto part : absl::StrSplit(file.text, '\n')) {
    ++number;
    std::string line(part);
    absl::StripAsciiWhitespace(&line);
    if (line.empty() || line.front() == '#') continue;
    if (auto status = ReadLine(file, number, line); !status.ok()) return status;
  }
  return absl::OkStatus();
}

const std::string& Phrases::For(Kind kind, std::string_view name) const {
  const auto own = texts_.find(std::string(PrefixOf(kind)) + std::string(name));
  return own == texts_.end() ? at(name) : own->second;
}

absl::Status Phrases::CheckComplete(const std::string& path) const {
  for (const std::string_view name : kNames) {
    if (!texts_.contains(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":1: has no phrase \"", std::string(name), "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace usher::mail
