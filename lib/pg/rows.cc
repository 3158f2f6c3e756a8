#include "pg/rows.h"

#include <libpq-fe.h>

#include <cstdio>
#include <cstdlib>

namespace usher::pg {
namespace internal {

void ColumnMismatch(const char* column, uint32_t oid) {
  std::fprintf(stderr, "column %s is not of the type with OID %u that is read from it\n", column,
               oid);
  std::abort();
}

}  // namespace internal

namespace {

// varchar and name are read as text; json and xid8 are cast in SQL.
bool SameType(uint32_t actual, uint32_t wanted) {
  constexpr uint32_t kText = 25;
  constexpr uint32_t kVarchar = 1043;
  constexpr uint32_t kName = 19;
  return actual == wanted || (wanted == kText && (actual == kVarchar || actual == kName));
}

}  // namespace

bool Row::IsNull(int column) const { return PQgetisnull(result_, row_, column) != 0; }

const char* Row::Name(int column) const {
  const char* name = PQfname(result_, column);
  return name != nullptr ? name : "?";
}

std::string_view Row::Bytes(int column, uint32_t oid) const {
  if (!SameType(PQftype(result_, column), oid) || IsNull(column)) {
    internal::ColumnMismatch(Name(column), oid);
  }
  return {PQgetvalue(result_, row_, column),
          static_cast<size_t>(PQgetlength(result_, row_, column))};
}

Rows::Rows(pg_result* owned) : result_(owned) {}
int Rows::size() const { return PQntuples(result_.get()); }
int Rows::affected() const { return std::atoi(PQcmdTuples(result_.get())); }
void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

}  // namespace usher::pg
