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

namespace {

// One value of a record, as record_send() of PostgreSQL's rowtypes.c writes it after the number of
// columns: the type's OID, the length (-1 for NULL) and the value in its binary format.
struct Field {
  uint32_t oid = 0;
  int32_t length = -1;
  std::string_view value;
};

std::vector<Field> ReadRecord(std::string_view bytes) {
  const auto take = [&bytes] {
    const auto number = Codec<int32_t>::Decode(bytes.substr(0, 4));
    if (!number) internal::ColumnMismatch("record", 0);
    bytes.remove_prefix(4);
    return *number;
  };
  std::vector<Field> fields(static_cast<size_t>(take()));
  for (Field& field : fields) {
    field.oid = static_cast<uint32_t>(take());
    field.length = take();
    if (field.length < 0) continue;
    field.value = bytes.substr(0, static_cast<size_t>(field.length));
    bytes.remove_prefix(field.value.size());
  }
  return fields;
}

}  // namespace

Rows Rows::FromRecords(const std::vector<Bytes>& records) {
  Rows rows(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
  for (int row = 0; std::cmp_less(row, records.size()); ++row) {
    const std::vector<Field> fields = ReadRecord(records[static_cast<size_t>(row)].value);
    if (row == 0) {
      std::string name = "kept";
      std::vector<PGresAttDesc> columns;
      for (const Field& field : fields) {
        columns.push_back({name.data(), 0, 0, /*format=*/1, field.oid, -1, -1});
      }
      PQsetResultAttrs(rows.result_.get(), static_cast<int>(columns.size()), columns.data());
    }
    for (int column = 0; std::cmp_less(column, fields.size()); ++column) {
      const Field& field = fields[static_cast<size_t>(column)];
      std::string value(field.value);
      PQsetvalue(rows.result_.get(), row, column, value.data(), field.length);
    }
  }
  return rows;
}

Rows::Rows(pg_result* owned) : result_(owned) {}
int Rows::size() const { return PQntuples(result_.get()); }
int Rows::affected() const { return std::atoi(PQcmdTuples(result_.get())); }
void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

}  // namespace usher::pg
