#include "server/list_fields.h"

namespace usher::server {
namespace {

constexpr size_t kLongestSearch = 256;

}  // namespace

model::OrderBy ReadOrderBy(Fields& fields, const std::string& text,
                           const std::vector<std::string_view>& columns, model::OrderBy standard) {
  if (text.empty()) return standard;
  auto order = model::ParseOrderBy(text, columns);
  if (order.ok()) return *std::move(order);
  fields.Add("order_by", std::string(order.status().message()));
  return standard;
}

std::string ReadSearch(Fields& fields, const std::string& text) {
  return fields.ReadText("filter.search", text, {.min = 0, .max = kLongestSearch});
}

void ReadTimeRange(Fields& fields, const std::string& field, const usher::v1::TimeRange& range,
                   std::optional<absl::Time>& start, std::optional<absl::Time>& end) {
  if (range.has_start()) start = fields.ReadTime(field + ".start", range.start());
  if (range.has_end()) end = fields.ReadTime(field + ".end", range.end());
  if (start && end && *end <= *start) fields.Add(field + ".end", "must be after its start");
}

}  // namespace usher::server
