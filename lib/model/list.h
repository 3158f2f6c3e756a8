#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/ids.h"

namespace usher::model {

// The order of a list: the column that the API names, forwards or backwards.
struct OrderBy {
  std::string column;
  bool descending = false;
};

// "column" or "column desc", the column being one of `columns`. INVALID_ARGUMENT with the rest of
// a sentence.
absl::StatusOr<OrderBy> ParseOrderBy(std::string_view text,
                                     const std::vector<std::string_view>& columns);

// Where a page ends: what its last row is sorted by. The rank comes first: rows in which the
// column is empty have a later one.
struct ListCursor {
  int16_t rank = 0;
  std::string key;  // The column's value in a form of the storage's own.
  Uuid id{};
};

}  // namespace usher::model
