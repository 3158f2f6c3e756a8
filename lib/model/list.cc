#include "model/list.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace usher::model {
namespace {

constexpr std::string_view kDescending = " desc";

}  // namespace

absl::StatusOr<OrderBy> ParseOrderBy(std::string_view text,
                                     const std::vector<std::string_view>& columns) {
  std::string_view column = text;
  const bool descending = column.ends_with(kDescending);
  if (descending) column.remove_suffix(kDescending.size());
  if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
    const std::vector<std::string> names(columns.begin(), columns.end());
    return absl::InvalidArgumentError(absl::StrCat("must be one of ", absl::StrJoin(names, ", "),
                                                   ", with \" desc\" after it to reverse"));
  }
  return OrderBy{std::string(column), descending};
}

}  // namespace usher::model
