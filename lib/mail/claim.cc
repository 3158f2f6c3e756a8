#include "async/try.h"
#include "mail/outbox.h"
#include "storage/codecs.h"
#include "storage/suppression.h"

namespace usher::mail {
namespace {

#define USHER_DUE                                                \
  "m.state = 1 AND m.next_attempt_time <= usher.now()"           \
  " AND (m.lease_until IS NULL OR m.lease_until <= usher.now())" \
  " AND ($5::uuid IS NULL OR m.organization_id = $5)"
// The organization with due mail whose turn it is after `last`, round and round.
#define USHER_NEXT_TURN(last)                                              \
  "coalesce((SELECT m.organization_id FROM usher.mails m WHERE " USHER_DUE \
  " AND m.organization_id > " last                                         \
  " ORDER BY m.organization_id LIMIT 1),"                                  \
  " (SELECT m.organization_id FROM usher.mails m WHERE " USHER_DUE         \
  " ORDER BY m.organization_id LIMIT 1))"

// What ReadLeased reads, of leased rows `c`.
#define USHER_LEASED_COLUMNS \
  "c.organization_id, c.id, c.attempts, c.lease_until,"                                           \
  " i.open AND i.state = 1 AND i.expire_time > usher.now() AND i.generation = c.generation, "     \
  USHER_SUPPRESSED("c.organization_id", "i.email_key")                                            \
  ", c.invitation_id, c.generation, c.create_time, i.email, c.traceparent, o.name,"               \
  " coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), i.first_name,"            \
  " i.last_name, i.role, i.site_access = 1,"                                                      \
  " ARRAY(SELECT g.name FROM usher.site_groups g"                                                 \
  " WHERE g.organization_id = i.organization_id AND g.id = ANY (i.site_group_ids)"                \
  " ORDER BY g.name_key),"                                                                        \
  " ARRAY(SELECT s.name FROM usher.sites s"                                                       \
  " WHERE s.organization_id = i.organization_id AND s.id = ANY (i.site_ids)"                      \
  " ORDER BY s.name_key),"                                                                        \
  " i.expire_time, i.note, ARRAY[i.locale, o.default_locale], c.turn"
#define USHER_LEASED_JOINS                                                                        \
  " JOIN usher.invitations i ON i.organization_id = c.organization_id AND i.id = c.invitation_id" \
  " JOIN usher.organizations o ON o.id = c.organization_id"                                       \
  " LEFT JOIN usher.users inviter ON inviter.id = i.invited_by"

// Each organization's oldest mails, one of each in turn until there are $1. Those that another
// sender is claiming are passed over.
constexpr pg::Statement kClaim{"mail.claim", R"sql(
  WITH RECURSIVE turns AS (
    SELECT 1 AS turn, )sql" USHER_NEXT_TURN("$4::uuid") R"sql( AS organization_id
    UNION ALL
    SELECT turns.turn + 1, )sql" USHER_NEXT_TURN("turns.organization_id") R"sql(
    FROM turns WHERE turns.turn < $1 AND turns.organization_id IS NOT NULL
  ), due AS (
    SELECT served.organization_id, oldest.id, served.turn,
           row_number() OVER (PARTITION BY served.organization_id
                              ORDER BY oldest.next_attempt_time) AS nth
    FROM (SELECT organization_id, min(turn) AS turn FROM turns
          WHERE organization_id IS NOT NULL GROUP BY organization_id) served
    CROSS JOIN LATERAL (
      SELECT m.id, m.next_attempt_time FROM usher.mails m
      WHERE m.organization_id = served.organization_id AND )sql" USHER_DUE R"sql(
      ORDER BY m.next_attempt_time LIMIT $1 FOR UPDATE SKIP LOCKED) oldest
  ), chosen AS (
    SELECT organization_id, id, turn FROM due ORDER BY nth, turn LIMIT $1
  ), claimed AS (
    UPDATE usher.mails m
    SET lease_owner = $2, lease_until = usher.now() + $3, attempts = m.attempts + 1,
        update_time = usher.now()
    FROM chosen WHERE m.organization_id = chosen.organization_id AND m.id = chosen.id
    RETURNING m.organization_id, m.id, m.invitation_id, m.generation, m.attempts, m.lease_until,
              m.create_time, m.traceparent, chosen.turn
  )
  SELECT )sql" USHER_LEASED_COLUMNS R"sql(
  FROM claimed c )sql" USHER_LEASED_JOINS R"sql(
  ORDER BY c.create_time, c.id)sql"};

// What an owner has leased already.
constexpr pg::Statement kClaimed{"mail.claimed", R"sql(
  WITH c AS (
    SELECT m.organization_id, m.id, m.invitation_id, m.generation, m.attempts, m.lease_until,
           m.create_time, m.traceparent, 0 AS turn
    FROM usher.mails m
    WHERE m.lease_owner = $1 AND m.state = 1 AND m.lease_until > usher.now()
  )
  SELECT )sql" USHER_LEASED_COLUMNS R"sql(
  FROM c )sql" USHER_LEASED_JOINS R"sql(
  ORDER BY c.create_time, c.id)sql",
                                 /*read_only=*/true};

LeasedMail ReadLeased(const pg::Row& row) {
  LeasedMail leased;
  InvitationMail& mail = leased.mail;
  int32_t generation = 0;
  row.ReadFrom(0, leased.organization, leased.id, leased.attempt, leased.lease_until, leased.wanted,
               leased.suppressed, leased.claims.invitation, generation, leased.create_time,
               leased.recipient, leased.traceparent, mail.organization_name, mail.inviter_name,
               mail.first_name, mail.last_name, mail.role, mail.all_sites, mail.site_group_names,
               mail.site_names, mail.expire_time, mail.note, mail.locales, leased.turn);
  leased.claims.organization = leased.organization;
  leased.claims.generation = static_cast<uint32_t>(generation);
  mail.email = leased.recipient;
  return leased;
}

std::vector<LeasedMail> ReadAll(const pg::Rows& rows) {
  std::vector<LeasedMail> all;
  for (const pg::Row row : rows) all.push_back(ReadLeased(row));
  return all;
}

}  // namespace

async::Task<absl::StatusOr<std::vector<LeasedMail>>> Outbox::Claim(async::Instant deadline,
                                                                   ClaimRequest request) {
  pg::Batch batch(deadline);
  batch.Add(pg::Bind(kClaim, int32_t{request.most}, request.owner, request.lease, request.after,
                     request.only));
  if (request.dry_run) batch.RollBack();
  CO_TRY(const auto answers, co_await db_.Run(std::move(batch)));
  co_return ReadAll(answers.back());
}

async::Task<absl::StatusOr<std::vector<LeasedMail>>> Outbox::Claimed(async::Instant deadline,
                                                                     model::Uuid owner) {
  auto claimed = pg::Bind(kClaimed, owner);
  CO_TRY(const pg::Rows rows, co_await db_.Query(deadline, std::move(claimed)));
  co_return ReadAll(rows);
}

}  // namespace usher::mail
