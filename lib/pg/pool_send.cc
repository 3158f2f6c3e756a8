#include <utility>

#include "pg/pool.h"

namespace usher::pg {
namespace {

using std::chrono::milliseconds;

// A batch that has been running for longer blocks its connection for new ones.
constexpr milliseconds kStalled{50};
// Whoever has less time left than this is sent alone, since a shared transaction has one time-out.
constexpr milliseconds kHurried{100};

}  // namespace

void Pool::SendWaiting() {
  const async::Instant now = lane_.now();
  Ways writers = WaysTo(writers_);
  Ways readers = readers_.empty() ? writers : WaysTo(readers_);
  for (auto next = waiting_.begin(); next != waiting_.end() && (writers.any() || readers.any());) {
    const Ways& ways = (*next)->batch.read_only() ? readers : writers;
    Connection* connection = (*next)->alone ? ways.for_suspects : ways.for_others;
    if (connection == nullptr || (*next)->not_before > now) {
      ++next;
      continue;
    }
    Groups groups = TakeSharing(next);
    for (const auto& group : groups) observer_.Waited(now - group->queued_at);
    connection->Send(std::move(groups));
    writers = WaysTo(writers_);
    readers = readers_.empty() ? writers : WaysTo(readers_);
  }
  ForEach([](Connection& connection) { connection.Flush(); });
}

Groups Pool::TakeSharing(Waiting::iterator& next) {
  const async::Instant now = lane_.now();
  const auto shares = [now](const Group& group) {
    return group.batch.shares() && !group.alone && group.not_before <= now &&
           group.batch.deadline() - now > kHurried;
  };
  Groups groups;
  groups.push_back(std::move(*next));
  next = waiting_.erase(next);
  if (!shares(*groups.front())) return groups;
  const bool reads = groups.front()->batch.read_only();
  for (auto other = next; other != waiting_.end() && groups.size() < options_.widest;) {
    if ((*other)->batch.read_only() != reads || !shares(**other)) {
      ++other;
      continue;
    }
    const bool is_next = other == next;
    groups.push_back(std::move(*other));
    other = waiting_.erase(other);
    if (is_next) next = other;
  }
  return groups;
}

Pool::Ways Pool::WaysTo(const Connections& connections) const {
  const async::Instant stalled = lane_.now() - kStalled;
  Ways ways;
  bool suspect_runs = false;
  for (const auto& connection : connections) {
    if (connections.size() > 1 && connection->has_suspect()) {
      suspect_runs = true;
      continue;
    }
    if (!connection->alive() || connection->flights() >= options_.depth) continue;
    if (connection->IsStalled(stalled)) continue;
    Connection*& best = ways.for_others;
    if (best == nullptr || connection->flights() < best->flights()) best = connection.get();
  }
  if (!suspect_runs) ways.for_suspects = ways.for_others;
  return ways;
}

}  // namespace usher::pg
