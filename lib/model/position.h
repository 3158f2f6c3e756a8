#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace usher::model {

// A place in the log: a transaction and, in it, an event. Changes are told their transaction alone,
// which is the place after all of its events.
//
// Transactions are in the order of their ids, not of their commits: what is below the oldest one
// that still runs is complete, and followers read no further.
struct Position {
  static constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

  uint64_t xact = 0;
  int64_t sequence = 0;

  // The place after everything before the transaction `xact`.
  static Position Before(uint64_t xact) { return {xact == 0 ? 0 : xact - 1, kEnd}; }
  // "xact" or "xact.sequence"; nothing for any other text.
  static std::optional<Position> Parse(std::string_view text);
  std::string ToString() const;

  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace usher::model
