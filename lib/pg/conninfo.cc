#include "pg/conninfo.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace usher::pg {
namespace {

constexpr const char* kHidden = "(hidden)";

std::string Quoted(const std::string& value) {
  if (!value.empty() && value.find_first_of(" '\\\t\n") == std::string::npos) return value;
  return absl::StrCat("'", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

}  // namespace

std::string HidePasswords(const std::string& conninfo) {
  if (conninfo.empty()) return "";
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  if (options == nullptr) return kHidden;
  std::string text;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    // libpq marks what dialogs show as asterisks.
    const bool secret = std::string_view(option->dispchar) == "*";
    absl::StrAppend(&text, text.empty() ? "" : " ", option->keyword, "=",
                    secret ? kHidden : Quoted(option->val));
  }
  return text;
}

}  // namespace usher::pg
