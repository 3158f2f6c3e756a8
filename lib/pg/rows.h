#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "pg/codec.h"

struct pg_result;

namespace usher::pg {

class Rows;

namespace internal {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// Ends the process: a statement and the code that reads it disagree, which is never input's fault.
[[noreturn]] void ColumnMismatch(const char* column, uint32_t oid);

}  // namespace internal

// One row of an answer; valid while its Rows lives.
class Row {
 public:
  // The value of a column, counted from 0. NULL is read by asking for std::optional<T>.
  // The column's type must be T's: a difference is a programming error and aborts.
  template <class T>
  T Get(int column) const {
    if constexpr (internal::IsOptional<T>::value) {
      using Value = typename T::value_type;
      if (IsNull(column)) return std::nullopt;
      return Get<Value>(column);
    } else {
      auto value = Codec<T>::Decode(Bytes(column, Codec<T>::kOid));
      if (!value) internal::ColumnMismatch(Name(column), Codec<T>::kOid);
      return *std::move(value);
    }
  }
  // Reads the columns in order, from `column` on, into `values`.
  template <class... Values>
  void ReadFrom(int column, Values&... values) const {
    ((values = Get<Values>(column++)), ...);
  }
  bool IsNull(int column) const;

 private:
  friend Rows;
  Row(const pg_result* result, int row) : result_(result), row_(row) {}
  std::string_view Bytes(int column, uint32_t oid) const;
  const char* Name(int column) const;

  const pg_result* result_;
  int row_;
};

// The answer to one statement.
class Rows {
 public:
  explicit Rows(pg_result* owned);
  // The rows whose record_send() these are, at least one, all of the same columns.
  static Rows FromRecords(const std::vector<Bytes>& records);

  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const { return {result_.get(), row}; }
  // Rows that an INSERT, UPDATE or DELETE without RETURNING touched.
  int affected() const;

  class Iterator {
   public:
    Iterator(const Rows& rows, int row) : rows_(rows), row_(row) {}
    Row operator*() const { return rows_[row_]; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    const Rows& rows_;
    int row_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace usher::pg
