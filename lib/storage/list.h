#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/list.h"
#include "model/role.h"
#include "pg/batch.h"

// The statements of lists that are ordered by any of many columns, both ways, a page at a time,
// made at start from a table of their orders.
//
// A list merges branches. A branch is rows of one source for which an index gives the order: those
// of one state, say, or those in which a column is not empty. There are two statements for each
// order and direction:
//
//   walk  follows the indexes from the cursor on, for a limited number of rows, and tries the
//         filters on them: where one row in twenty passes, the page is full then. Planned once.
//   find  is for filters that so few rows pass that walking does not fill the page: first all rows
//         that pass, by whatever index suits the filters, then the order. Planned with its
//         arguments each time.
namespace usher::storage {

// Parameters of every list statement; its filters' begin at $9.
//   $1 organization, $2 calling user, $3 gates, $4 rows wanted, $5 rows to look at,
//   $6 $7 $8 the cursor
struct ListSource {
  std::string_view alias;
  std::string_view table;
  std::string_view id;
  // What orders, conditions and filters use.
  std::string_view columns;
  // Which rows belong to the list at all.
  std::string_view always;
  // Which of them pass the filters; {match} stands for "the needle $11 is in `search`".
  std::string_view filter;
};

struct ListBranch {
  const ListSource* source;
  int rank;
  std::string_view condition;
  std::string_view key;
  // The key is NULL in all rows.
  bool empty = false;
  // In place of the source's table; {comparison}, {direction} and {id} stand for what they say.
  std::string_view walk_from = "";
  std::string_view find_from = "";
};

struct ListOrder {
  enum class Key { kText, kNumber, kTime };

  std::string_view column;
  Key key;
  std::vector<ListBranch> branches;
  // Ranks are values of the column, so that they turn with the direction. Those that only put empty
  // values last do not.
  bool ranks_turn = false;
  // WITH queries that the branches' walks use.
  std::string_view with = "";
};

class ListStatements {
 public:
  struct Shape {
    std::string_view name;
    std::vector<const ListSource*> sources;
    // The answer's columns, after those of the cursor, from the page `p` (source, id) and `joins`.
    std::string_view columns;
    std::string_view joins;
  };
  ListStatements(const Shape& shape, const std::vector<ListOrder>& orders);

  const pg::Statement& Walk(const model::OrderBy& order) const;
  const pg::Statement& Find(const model::OrderBy& order) const;
  // How many rows pass the filters.
  const pg::Statement& Count() const { return count_->statement; }
  // The columns that the list orders by.
  std::vector<std::string_view> Columns() const;
  std::vector<const pg::Statement*> All() const;

 private:
  // Statements are known by their addresses, so they stay where they are.
  struct Made {
    std::string name;
    std::string sql;
    pg::Statement statement;
  };
  struct Pair {
    model::OrderBy order;
    const Made* walk;
    const Made* find;
  };
  const Made* Make(std::string name, std::string sql);
  const Pair& Of(const model::OrderBy& order) const;

  std::deque<Made> made_;
  std::vector<Pair> pairs_;
  const Made* count_;
};

// Where a list begins: its cursor as parameters.
model::ListCursor StartOf(const std::optional<model::ListCursor>& after);
// Likewise of a list that shows only these roles, if any; one by "role" begins with the first of
// them.
model::ListCursor StartOf(const std::optional<model::ListCursor>& after,
                          const model::OrderBy& order, const std::vector<model::Role>& roles);

// Have the statements after them in their batch planned as walks and finds need it.
pg::Bound PlanForWalk();
pg::Bound PlanForFind();

// How many rows a walk looks at for each that is wanted where filters may leave it out; and a
// second one, after the first has shown that they leave some.
inline constexpr int64_t kRowsForOne = 20;
inline constexpr int64_t kMoreRowsForOne = 200;

}  // namespace usher::storage
