#include "events/announcer.h"

#include "async/try.h"
#include "storage/departure.h"
#include "storage/suppression.h"

namespace usher::events {
namespace {

constexpr std::chrono::seconds kStatementTime{10};

// All statements: $1 at most so many rows, $2 the retention of events; they answer how many it
// were.

// Whether to remind is decided once for each generation, when the time comes. An invitation whose
// mail was sent later than that is not reminded of, nor is one that is over or suppressed.
constexpr pg::Statement kReminded{"events.remind", R"sql(
  WITH due AS (
    SELECT i.organization_id, i.id, i.email_key,
           i.sent_time <= i.expire_time - o.remind_before_expiry AS in_time
    FROM usher.organizations o JOIN usher.invitations i ON i.organization_id = o.id
    WHERE o.remind_before_expiry IS NOT NULL AND i.state = 1 AND i.delivery = 3
      AND i.reminded_generation < i.generation
      AND i.expire_time <= usher.now() + o.remind_before_expiry AND $2::interval IS NOT NULL
    LIMIT $1 FOR UPDATE OF i SKIP LOCKED FOR KEY SHARE OF o SKIP LOCKED
  ), decided AS (
    UPDATE usher.invitations i SET reminded_generation = i.generation
    FROM due WHERE i.organization_id = due.organization_id AND i.id = due.id
    RETURNING i.organization_id, i.id, i.generation,
              due.in_time AND i.expire_time > usher.now()
                AND NOT )sql" USHER_SUPPRESSED("i.organization_id", "i.email_key") R"sql( AS reminds
  ), mail AS (
    INSERT INTO usher.mails (organization_id, id, kind, invitation_id, generation,
                             next_attempt_time, create_time, update_time)
    SELECT organization_id, gen_random_uuid(), 2, id, generation, usher.now(), usher.now(),
           usher.now()
    FROM decided WHERE reminds
  )
  SELECT count(*) FROM decided)sql"};

// One that was replaced before it was announced has state 5 and expired all the same.
constexpr pg::Statement kExpired{"events.announce_expired", R"sql(
  WITH due AS (
    SELECT organization_id, id FROM usher.invitations
    WHERE state IN (1, 5) AND announced_generation < generation AND expire_time <= usher.now()
      AND $2::interval IS NOT NULL
    ORDER BY expire_time LIMIT $1 FOR UPDATE SKIP LOCKED
  ), announced AS (
    UPDATE usher.invitations i SET announced_generation = i.generation
    FROM due WHERE i.organization_id = due.organization_id AND i.id = due.id
    RETURNING i.organization_id, i.id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, origin, before, after, create_time)
    SELECT organization_id, 'invitation.expired', id, '{}', '{"state": 1}', '{"state": 5}',
           usher.now()
    FROM announced
  )
  SELECT count(*) FROM announced)sql"};

constexpr pg::Statement kEnded{"events.announce_ended", R"sql(
  WITH due AS (
    SELECT organization_id, user_id, status FROM usher.memberships
    WHERE end_time IS NOT NULL AND announced_end_time IS DISTINCT FROM end_time
      AND end_time <= usher.now() AND $2::interval IS NOT NULL
    ORDER BY end_time LIMIT $1 FOR UPDATE SKIP LOCKED
  ), announced AS (
    UPDATE usher.memberships m SET announced_end_time = m.end_time
    FROM due WHERE m.organization_id = due.organization_id AND m.user_id = due.user_id
    RETURNING m.organization_id, m.user_id, m.status
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, origin, before, after, create_time)
    SELECT organization_id, 'membership.ended', user_id, '{}',
           jsonb_build_object('status', status), '{"status": 3}', usher.now()
    FROM announced
  ), )sql" USHER_CANCEL_INVITATIONS_OF("announced", "NULL::uuid", "'{}'") R"sql(
  SELECT count(*) FROM announced)sql"};

// In the order of the log, so that what is left has no holes but at its beginning.
constexpr pg::Statement kPurgeEvents{"events.purge", R"sql(
  WITH turn AS (
    SELECT id FROM usher.event_log WHERE id = 1 FOR UPDATE SKIP LOCKED
  ), oldest AS (
    SELECT organization_id, id, create_time FROM usher.events
    WHERE EXISTS (SELECT FROM turn) ORDER BY xact, sequence LIMIT $1
  ), purged AS (
    DELETE FROM usher.events e USING oldest o
    WHERE e.organization_id = o.organization_id AND e.id = o.id
      AND o.create_time < usher.now() - $2::interval
    RETURNING e.xact, e.sequence
  ), upto AS (
    SELECT xact, sequence FROM purged ORDER BY xact DESC, sequence DESC LIMIT 1
  ), noted AS (
    UPDATE usher.event_log l SET purged_xact = upto.xact, purged_sequence = upto.sequence
    FROM upto WHERE l.id = 1
  )
  SELECT count(*) FROM purged)sql"};

// They count for 24 hours; a later change of the same name takes over the row, and is skipped.
constexpr pg::Statement kPurgeRequests{"events.purge_requests", R"sql(
  WITH oldest AS (
    SELECT caller, request_id FROM usher.requests
    WHERE create_time <= usher.now() - interval '24 hours' AND $2::interval IS NOT NULL
    ORDER BY create_time LIMIT $1 FOR UPDATE SKIP LOCKED
  ), purged AS (
    DELETE FROM usher.requests r USING oldest o
    WHERE r.caller = o.caller AND r.request_id = o.request_id
    RETURNING r.caller
  )
  SELECT count(*) FROM purged)sql"};

}  // namespace

Announcer::Announcer(async::Lane& lane, pg::Pool& db, AnnouncerOptions options,
                     AnnouncerObserver& observer)
    : lane_(lane), db_(db), options_(options), observer_(observer), wakeup_(lane), stopped_(lane) {}

void Announcer::Start() {
  running_ = true;
  Run();
}

async::Task<absl::Status> Announcer::Stop() {
  stopping_ = true;
  wakeup_.Notify();
  while (running_) co_await stopped_.Until(async::kNever);
  co_return absl::OkStatus();
}

async::Detached Announcer::Run() {
  async::Instant next_purge = lane_.now();
  while (!stopping_) {
    const auto announced = co_await Announce();
    if (!announced.ok()) observer_.Failed();
    const auto reminded = co_await Remind();
    if (!reminded.ok()) observer_.Failed();
    if (!stopping_ && lane_.now() >= next_purge) {
      const auto purged = co_await Purge();
      if (!purged.ok()) observer_.Failed();
      next_purge = lane_.now() + options_.purge_poll;
    }
    if (!stopping_) co_await wakeup_.Until(lane_.now() + options_.poll);
  }
  running_ = false;
  stopped_.Notify();
}

async::Task<absl::StatusOr<int64_t>> Announcer::Announce() {
  CO_TRY(const int64_t expired, co_await Repeat(kExpired));
  observer_.Announced("invitation.expired", expired);
  CO_TRY(const int64_t ended, co_await Repeat(kEnded));
  observer_.Announced("membership.ended", ended);
  co_return expired + ended;
}

async::Task<absl::StatusOr<int64_t>> Announcer::Remind() {
  if (!options_.reminds) co_return 0;
  co_return co_await Repeat(kReminded);
}

async::Task<absl::StatusOr<int64_t>> Announcer::Purge() {
  CO_TRY(const int64_t events, co_await Repeat(kPurgeEvents));
  observer_.Purged("events", events);
  CO_TRY(const int64_t requests, co_await Repeat(kPurgeRequests));
  observer_.Purged("requests", requests);
  co_return events + requests;
}

// In batches, so that no transaction is long and none holds many locks.
async::Task<absl::StatusOr<int64_t>> Announcer::Repeat(const pg::Statement& statement) {
  int64_t all = 0;
  int64_t some = 0;
  do {
    CO_TRY(some, co_await RunOnce(statement));
    all += some;
  } while (some == options_.batch && !stopping_);
  co_return all;
}

async::Task<absl::StatusOr<int64_t>> Announcer::RunOnce(const pg::Statement& statement) {
  auto run = pg::Bind(statement, int64_t{options_.batch}, options_.retention);
  CO_TRY(const pg::Rows rows, co_await db_.Query(lane_.now() + kStatementTime, std::move(run)));
  co_return rows[0].Get<int64_t>(0);
}

}  // namespace usher::events
