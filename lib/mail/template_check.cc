#include "mail/template_check.h"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace usher::mail {
namespace {

bool Has(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What is wrong with a tag, by what stands between its braces.
std::string FaultOfTag(std::string inside, const TemplateNames& names) {
  absl::StripAsciiWhitespace(&inside);
  const char kind = inside.empty() ? '\0' : inside.front();
  if (kind == '!') return "";
  if (kind == '{' || kind == '&') return "values are always escaped: use {{name}}";
  if (kind == '=') return "the braces cannot be changed";
  const bool plain = absl::ascii_isalpha(static_cast<unsigned char>(kind));
  std::string name = plain ? inside : inside.substr(std::min<size_t>(1, inside.size()));
  absl::StripAsciiWhitespace(&name);
  const bool known =
      kind == '>' ? Has(names.phrases, name)
                  : Has(names.values, name) &&
                        (plain || std::string_view("#^/").find(kind) != std::string_view::npos);
  return known ? "" : absl::StrCat("unknown ", kind == '>' ? "phrase" : "name", " \"", name, "\"");
}

int LineAt(std::string_view text, size_t position) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(position, text.size()));
  return static_cast<int>(std::count(text.begin(), end, '\n'));
}

// The library's complaints end in the position.
std::optional<size_t> PositionIn(const std::string& complaint) {
  const size_t at = complaint.rfind(" at ");
  size_t position = 0;
  if (at == std::string::npos || !absl::SimpleAtoi(complaint.substr(at + 4), &position)) {
    return std::nullopt;
  }
  return position;
}

}  // namespace

absl::Status CheckTemplate(const TemplateFile& file, int first_line, std::string_view text,
                           const TemplateNames& names) {
  for (size_t open = text.find("{{"); open != std::string_view::npos;
       open = text.find("{{", open + 2)) {
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) break;
    const std::string fault =
        FaultOfTag(std::string(text.substr(open + 2, close - open - 2)), names);
    if (!fault.empty()) return TemplateFault(file, first_line + LineAt(text, open), fault);
  }
  const kainjow::mustache::mustache parsed{std::string(text)};
  if (parsed.is_valid()) return absl::OkStatus();
  const std::string complaint = parsed.error_message();
  const size_t position = PositionIn(complaint).value_or(0);
  const std::string what = complaint.substr(0, complaint.rfind(" at "));
  return TemplateFault(file, first_line + LineAt(text, position), what);
}

}  // namespace usher::mail
