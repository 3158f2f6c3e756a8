#pragma once

#include <chrono>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/lane.h"
#include "async/task.h"
#include "async/wakeup.h"
#include "pg/pool.h"

namespace usher::events {

struct AnnouncerOptions {
  std::chrono::milliseconds poll{5'000};
  std::chrono::milliseconds purge_poll{60'000};
  absl::Duration retention = absl::Hours(24 * 365);  // Of events.
  int batch = 500;
  bool reminds = true;  // Whether mails are sent at all.
};

// Told what was done, on the announcer's lane.
class AnnouncerObserver {
 public:
  virtual ~AnnouncerObserver() = default;
  // Events of a type ("invitation.expired") that were written.
  virtual void Announced(std::string_view /*type*/, int64_t /*events*/) {}
  // Rows of a table ("events") that were erased.
  virtual void Purged(std::string_view /*table*/, int64_t /*rows*/) {}
  virtual void Failed() {}
};

// Does what only time brings about, on any number of replicas.
//
// It writes the events of invitations that expired and of memberships that ended, some seconds
// after they did: nothing waits for it, since both are decided on read. The row remembers for which
// generation or end it was announced, and is locked meanwhile, so there is one event for each.
//
// It queues the reminders of invitations that expire soon, where their organization wants that; the
// row remembers its generation likewise, so there is one for each.
//
// It erases what is old enough: events after the retention, oldest first, one replica at a time;
// the log remembers how far. And the kept answers of changes, after the 24 hours in which they
// count.
class Announcer {
 public:
  Announcer(async::Lane& lane, pg::Pool& db, AnnouncerOptions options, AnnouncerObserver& observer);

  void Start();
  // Begins nothing more and waits for what runs; from the lane.
  async::Task<absl::Status> Stop();

  // What Start does again and again: everything that is due. How much there was.
  async::Task<absl::StatusOr<int64_t>> Announce();
  // How many invitations it was decided for, also not to remind.
  async::Task<absl::StatusOr<int64_t>> Remind();
  async::Task<absl::StatusOr<int64_t>> Purge();

 private:
  async::Detached Run();
  async::Task<absl::StatusOr<int64_t>> Repeat(const pg::Statement& statement);
  async::Task<absl::StatusOr<int64_t>> RunOnce(const pg::Statement& statement);

  async::Lane& lane_;
  pg::Pool& db_;
  const AnnouncerOptions options_;
  AnnouncerObserver& observer_;
  bool running_ = false;
  bool stopping_ = false;
  async::Wakeup wakeup_;
  async::Wakeup stopped_;
};

}  // namespace usher::events
