#include "organizations/list_orders.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace usher::organizations {

const pg::Statement& StatementOf(const ListStatements& statements, const Order& order) {
  const size_t by = static_cast<size_t>(order.by);
  return statements[2 * by + (order.descending ? 1 : 0)];
}

std::string Anywhere(std::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat(
      "%", absl::StrReplaceAll(std::string(text), {{"\\", "\\\\"}, {"%", "\\%"}, {"_", "\\_"}}),
      "%");
}

std::optional<std::string> KeyOf(const std::optional<Cursor>& cursor) {
  if (!cursor) return std::nullopt;
  return cursor->key;
}

std::optional<pg::Uuid> IdOf(const std::optional<Cursor>& cursor) {
  if (!cursor) return std::nullopt;
  return cursor->id;
}

}  // namespace usher::organizations
