#pragma once

#include <cstdint>
#include <utility>
#include <vector>

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

}  // namespace usher::storage
