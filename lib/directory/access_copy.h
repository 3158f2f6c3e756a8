#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "async/timer.h"
#include "directory/access_facts.h"
#include "model/consistency.h"
#include "model/position.h"

namespace usher::directory {

// Which facts an event made old.
struct Outdated {
  enum class What { kMember, kSites, kOrganization };

  What what{};
  model::OrganizationId organization;
  model::UserId user;  // With kMember.
};

// What a reading of the log of events has told: everything after one position up to another.
struct LogReading {
  model::Position after;
  model::Position upto;
  // The first transaction id that was not given yet, and an instant before that was so.
  uint64_t next_xact = 0;
  async::Instant asked_at;
  absl::Time time;    // The database's.
  absl::Time server;  // When the server that answered was started: which one it is.
  std::vector<Outdated> outdated;
};

// Where facts come from: a statement that saw all changes up to `position`.
struct FactsSource {
  model::Position position;
  absl::Time server;
};

// The facts of access checks of one lane, in memory: filled by what PostgreSQL answers, kept true
// by the log of events, which someone reads on and tells.
//
// It never answers by what is older than kBound. A change is in the log of its own transaction, so
// whoever has read the log up to a position knows all changes up to it. How old that is in time is
// known by the transaction ids that were given by an instant: once the log is read beyond them, all
// that was committed by then is known. A transaction that stays open, a reading that fails, a
// process that was stopped: all of them let that instant grow old, and then PostgreSQL is asked.
// A server that is another one than before (a failover may have lost changes) begins anew.
//
// What a statement saw is kept only if the log has not been read beyond it: an event that outdates
// it then is still to come.
class AccessCopy {
 public:
  // Less than the 5 seconds that MINIMIZE_LATENCY promises.
  static constexpr std::chrono::milliseconds kBound{2000};

  enum class Outcome { kAnswered, kUnknown, kTooOld };
  using Clock = async::Instant (*)();

  // At most about `most` members and sites. `told` is told how each question went.
  explicit AccessCopy(
      size_t most, std::function<void(Outcome)> told = [](Outcome) {},
      Clock clock = &std::chrono::steady_clock::now)
      : most_(most), told_(std::move(told)), clock_(clock) {}

  // The next reading; one that does not begin where the last ended begins anew.
  void Read(const LogReading& reading);

  // Keeps what a statement saw. No member: the user is none.
  void Keep(const FactsSource& source, model::OrganizationId organization, model::UserId user,
            const std::optional<MemberFacts>& member);
  void Keep(const FactsSource& source, model::OrganizationId organization, model::SiteId site,
            const SiteFacts& facts);

  // The decision, if the facts are there and fresh enough.
  std::optional<model::AccessDecision> Decide(model::OrganizationId organization,
                                              model::UserId user, std::optional<model::SiteId> site,
                                              std::string_view permission,
                                              const model::Consistency& consistency);
  // Up to where a decision reflects changes.
  model::Position position() const { return upto_; }
  size_t size() const { return young_.size + old_.size; }

 private:
  struct Organization {
    absl::flat_hash_map<model::UserId, std::optional<MemberFacts>> members;
    absl::flat_hash_map<model::SiteId, SiteFacts> sites;
  };
  // What was used lately is in the young one; when that is full it becomes the old one, and the old
  // one is dropped.
  struct Generation {
    absl::flat_hash_map<model::OrganizationId, Organization> organizations;
    size_t size = 0;

    Organization* Find(model::OrganizationId organization);
    void Forget(const Outdated& outdated);
  };
  // What was known by an instant.
  struct Mark {
    uint64_t next_xact;
    async::Instant at;
  };

  void Clear();
  bool MayKeep(const FactsSource& source) const;
  bool IsFresh(const model::Consistency& consistency) const;
  template <class Key, class Value>
  void Put(model::OrganizationId organization, const Key& key, Value value,
           absl::flat_hash_map<Key, Value> Organization::*part);
  template <class Key, class Value>
  const Value* Find(model::OrganizationId organization, const Key& key,
                    absl::flat_hash_map<Key, Value> Organization::*part);

  const size_t most_;
  const std::function<void(Outcome)> told_;
  const Clock clock_;
  Generation young_;
  Generation old_;
  model::Position upto_;
  absl::Time server_ = absl::InfinitePast();
  absl::Time time_;
  async::Instant asked_at_{};
  std::deque<Mark> marks_;
  std::optional<async::Instant> fresh_at_;
};

}  // namespace usher::directory
