#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "async/timer.h"
#include "pg/codec.h"

namespace usher::pg {

// SQL with a name: the name of its prepared statement, metric label and log field, written
// `feature.what_happens`. A constant beside its only user.
struct Statement {
  const char* name;
  const char* sql;
  // Only reads: may be sent again when its connection is lost before the answer.
  bool read_only = false;
  // May share a transaction with others of its kind that happen to be ready at the same time: reads
  // and changes of single things, which take little time and hardly ever wait for a lock.
  bool shares = false;
};

// A statement with its arguments, in PostgreSQL's binary format.
class Bound {
 public:
  struct Argument {
    uint32_t oid;
    int length;     // -1 for NULL
    size_t offset;  // into bytes
  };

  explicit Bound(const Statement& statement) : statement_(&statement) {}

  template <class T>
  void Add(const T& value) {
    const size_t offset = bytes_.size();
    Codec<T>::Encode(value, bytes_);
    arguments_.push_back({Codec<T>::kOid, static_cast<int>(bytes_.size() - offset), offset});
  }
  template <class T>
  void Add(const std::optional<T>& value) {
    if (value) {
      Add(*value);
    } else {
      arguments_.push_back({Codec<T>::kOid, -1, bytes_.size()});
    }
  }
  void Add(const char* value) { Add(std::string_view(value)); }

  const Statement& statement() const { return *statement_; }
  const std::vector<Argument>& arguments() const { return arguments_; }
  const std::string& bytes() const { return bytes_; }

 private:
  const Statement* statement_;
  std::vector<Argument> arguments_;
  std::string bytes_;
};

// Binds arguments to $1, $2, … of a statement; their C++ types decide the parameter types.
template <class... Args>
Bound Bind(const Statement& statement, const Args&... args) {
  Bound bound(statement);
  (bound.Add(args), ...);
  return bound;
}

// Statements that run as one transaction in one round trip: all of them or none.
//
// An implicit transaction of the pipeline: nothing stays open whatever fails. `deadline` bounds
// waiting and running; after it the answer is DEADLINE_EXCEEDED.
class Batch {
 public:
  explicit Batch(async::Instant deadline) : deadline_(deadline) {}
  Batch(async::Instant deadline, Bound only) : deadline_(deadline) { Add(std::move(only)); }

  void Add(Bound bound) { items_.push_back(std::move(bound)); }
  Bound& last() { return items_.back(); }
  // All statements run and answer as ever, and in the end nothing of it has happened.
  void RollBack() { rolls_back_ = true; }
  // Shares with no other batch, whatever its statements say: for many things at once.
  void StayAlone() { stays_alone_ = true; }

  const std::vector<Bound>& items() const { return items_; }
  async::Instant deadline() const { return deadline_; }
  bool rolls_back() const { return rolls_back_; }
  bool read_only() const;
  // Whether it may share a transaction with other batches.
  bool shares() const;
  // Whether a run whose outcome is unknown has left nothing behind.
  bool harmless() const { return rolls_back_ || read_only(); }

 private:
  async::Instant deadline_;
  bool rolls_back_ = false;
  bool stays_alone_ = false;
  std::vector<Bound> items_;
};

}  // namespace usher::pg
