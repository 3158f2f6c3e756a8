#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/list.h"
#include "pg/rows.h"

namespace usher::storage {

// Reads a page from an answer that was asked for one row more than the page holds: into `page` goes
// `read(row)` of each row but that one. Whether there is a next page.
template <class T, class Read>
bool TakePage(const pg::Rows& rows, int32_t page_size, std::vector<T>& page, Read read) {
  for (const pg::Row row : rows) {
    if (std::cmp_equal(page.size(), page_size)) return true;
    page.push_back(read(row));
  }
  return false;
}

// What ListStatements answer with before the columns of their list: rank, key and id.
inline constexpr int kCursorColumns = 3;

// The same for the answer of one of ListStatements: where the next page starts, if there is one.
template <class T, class Read>
std::optional<model::ListCursor> TakeListPage(const pg::Rows& rows, int32_t page_size,
                                              std::vector<T>& page, Read read) {
  if (!TakePage(rows, page_size, page, read)) return std::nullopt;
  model::ListCursor last;
  rows[page_size - 1].ReadFrom(0, last.rank, last.key, last.id);
  return last;
}

}  // namespace usher::storage
