#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "organizations/organizations.h"
#include "pg/batch.h"
#include "pg/rows.h"
#include "storage/codecs.h"
#include "storage/paging.h"

// The statements of a list, one for each order both ways. `list` is a macro that makes one of them
// of the column that orders, its type, and the comparison and direction of the way.
#define USHER_LIST_ORDERS(name, list)                                                           \
  {                                                                                             \
    {                                                                                           \
      {name "_by_name", list("name_key", "text", ">", "ASC"), true},                            \
          {name "_by_name_desc", list("name_key", "text", "<", "DESC"), true},                  \
          {name "_by_create_time", list("create_time", "timestamptz", ">", "ASC"), true},       \
          {name "_by_create_time_desc", list("create_time", "timestamptz", "<", "DESC"), true}, \
          {name "_by_update_time", list("update_time", "timestamptz", ">", "ASC"), true}, {     \
        name "_by_update_time_desc", list("update_time", "timestamptz", "<", "DESC"), true      \
      }                                                                                         \
    }                                                                                           \
  }

// What begins each row of such a statement: its place in the order.
#define USHER_LIST_PLACE(table, column) table "." column "::text, " table ".id, "
// Which rows come after the cursor, and the page's: $1 the cursor's key, $2 its id, $3 how many.
#define USHER_LIST_PAGE(table, column, type, comparison, direction, key, id, limit)          \
  " AND (" key "::text IS NULL OR (" table "." column ", " table ".id) " comparison " (" key \
  "::text::" type ", " id "::uuid)) ORDER BY " table "." column " " direction ", " table     \
  ".id " direction " LIMIT " limit

namespace usher::organizations {

using ListStatements = std::array<pg::Statement, 6>;

const pg::Statement& StatementOf(const ListStatements& statements, const Order& order);

// A text to look for as a LIKE pattern that finds it anywhere; "" for none.
std::string Anywhere(std::string_view text);

std::optional<std::string> KeyOf(const std::optional<Cursor>& cursor);
std::optional<pg::Uuid> IdOf(const std::optional<Cursor>& cursor);

// A page of rows that begin with their place, of which there is one more than the page's size if
// there is a next page; `read` reads from the column after it.
template <class T, class Read>
Page<T> ReadPage(const pg::Rows& rows, const Paging& paging, const Read& read) {
  Page<T> page;
  if (storage::TakePage(rows, paging.page_size, page.rows, read)) {
    Cursor last;
    rows[paging.page_size - 1].ReadFrom(0, last.key, last.id);
    page.next = std::move(last);
  }
  return page;
}

}  // namespace usher::organizations
