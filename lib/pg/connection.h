#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "async/watcher.h"
#include "pg/flight.h"
#include "pg/observer.h"

struct pg_conn;

namespace usher::pg {

struct ConnectionOptions {
  bool prepare = true;  // Named prepared statements; off behind a transaction-pooling proxy.
  // The most that any statement may take.
  std::chrono::milliseconds statement_timeout{5000};
  // Mostly for groups that share: the session's time-out is theirs, and the others set their own.
  bool brief = false;

  std::chrono::milliseconds session_timeout() const;
};

struct CloseConnection {
  void operator()(pg_conn* connection) const;
};
using OpenConnection = std::unique_ptr<pg_conn, CloseConnection>;

// Connects and enters pipeline mode. Blocks (name resolution, handshake): for helper threads.
// The error is UNAVAILABLE with libpq's text.
absl::StatusOr<OpenConnection> Connect(const std::string& conninfo,
                                       const ConnectionOptions& options);

// One session in pipeline mode, on one lane.
//
// Flights are answered in the order they were sent; each ends in a sync, so that it is a
// transaction of its own. The end of a flight is its last PGRES_PIPELINE_SYNC, nothing else: a
// session that dies never sends it, and then every flight on it is lost. One that is rolled back is
// a transaction block, whose ROLLBACK comes after a first sync: what failed is skipped up to there.
//
// Groups that share a flight share its commit, and what goes wrong for one of them undoes them all.
// So that the wait of one is not the wait of all, in it a lock is waited for 10 ms and a statement
// takes 250 ms at most. Then whose statement failed is the suspect; all are if nobody knows.
class Connection {
 public:
  class Owner {
   public:
    // `group` was answered or lost. May resume a coroutine.
    virtual void OnAnswered(std::unique_ptr<Group> group) = 0;

   protected:
    ~Owner() = default;
  };

  Connection(async::Lane& lane, async::Watcher& watcher, OpenConnection session,
             ConnectionOptions options, Owner& owner, Observer& observer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One group, or several that share.
  void Send(Groups groups);
  // Pushes what was queued; the rest goes when the socket takes it.
  void Flush();
  // Gives the session up: what was sent is lost.
  void Lose(std::string_view reason);

  bool alive() const { return alive_; }
  // Whether the oldest flight was sent before `since`: it may be waiting for a lock, and whatever
  // is sent now waits behind it.
  bool IsStalled(async::Instant since) const {
    return !sent_.empty() && sent_.front().sent_at < since;
  }
  // Whether a suspect is the last that was sent: what is sent now would wait for it.
  bool has_suspect() const { return !sent_.empty() && sent_.back().groups.front()->alone; }
  size_t flights() const { return sent_.size(); }
  // Groups in flight.
  size_t in_flight() const;

 private:
  using Kind = Flight::Expected::Kind;

  bool SendItem(const Bound& item, Kind kind, Group* group = nullptr);
  bool SendLimits(Flight& flight);
  bool Sync();
  void OnReady();
  void ReadAnswers(Groups& done);
  void Take(struct pg_result* result);
  void Fail(Flight& flight, const Error& error, const Group* suspect);
  void FailAtCommit(Flight& flight, const Error& error);
  void Finish(Groups& done);

  async::Lane& lane_;
  OpenConnection session_;
  ConnectionOptions options_;
  Owner& owner_;
  Observer& observer_;
  std::deque<Flight> sent_;
  // A statement that went stale is prepared anew under the name of its next edition.
  struct Prepared {
    int edition = 0;
    bool usable = false;
  };
  std::unordered_map<const Statement*, Prepared> prepared_;
  bool alive_ = true;
  bool want_write_ = false;
  std::unique_ptr<async::Watch> watch_;  // Ends before the session's socket does.
};

}  // namespace usher::pg
