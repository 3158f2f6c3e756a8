#pragma once

#include <optional>
#include <string_view>

#include "async/task.h"
#include "model/caller.h"
#include "pg/pool.h"
#include "storage/list.h"

namespace usher::storage {

// The statements of one call of a list, bound.
struct ListQuestion {
  std::string_view permission;
  pg::Bound gate;
  pg::Bound walk;
  std::optional<pg::Bound> longer_walk;  // If there are filters.
  std::optional<pg::Bound> find;         // If there are filters.
  std::optional<pg::Bound> count;        // If all are to be counted.
  int32_t page_size = 0;
};

struct ListAnswer {
  pg::Rows rows;  // One more than the page if there is a next page.
  int32_t total = 0;
};

// Walks, and where that did not fill the page walks farther if it found something, and else finds.
// The refusals of CheckGate.
async::Task<absl::StatusOr<ListAnswer>> AskList(pg::Pool& db, const model::Call& call,
                                                ListQuestion question);

}  // namespace usher::storage
