#pragma once

#include <optional>
#include <string_view>
#include <utility>

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

// The question of `query`, which has an order, a page size and whether to count: `bind` binds a
// statement of the list, to look at so many rows for each one wanted.
template <class Query, class Bind>
ListQuestion AskFor(std::string_view permission, pg::Bound gate, const ListStatements& statements,
                    const Query& query, bool filtered, const Bind& bind) {
  const pg::Statement& walk = statements.Walk(query.order);
  ListQuestion question{
      .permission = permission,
      .gate = std::move(gate),
      .walk = bind(walk, filtered ? kRowsForOne : 1),
      .longer_walk = std::nullopt,
      .find = std::nullopt,
      .count = std::nullopt,
      .page_size = query.page_size,
  };
  if (filtered) {
    question.longer_walk = bind(walk, kMoreRowsForOne);
    question.find = bind(statements.Find(query.order), kRowsForOne);
  }
  if (query.with_total) question.count = bind(statements.Count(), 1);
  return question;
}

struct ListAnswer {
  pg::Rows rows;  // One more than the page if there is a next page.
  int32_t total = 0;
};

// Walks, and where that did not fill the page walks farther if it found something, and else finds.
// The refusals of CheckGate.
async::Task<absl::StatusOr<ListAnswer>> AskList(pg::Pool& db, const model::Call& call,
                                                ListQuestion question);

}  // namespace usher::storage
