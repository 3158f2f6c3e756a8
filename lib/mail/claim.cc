#include "async/try.h"
#include "mail/outbox.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/mails.h"
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

// What ReadLeased reads, of leased rows `c`. Mails of the first two kinds are to the person
// invited, the others to the inviter.
#define USHER_TO_INVITEE "c.kind IN (1, 2)"
#define USHER_WANTED                                                                       \
  "CASE WHEN " USHER_TO_INVITEE                                                            \
  " THEN i.open AND i.state = 1 AND i.expire_time > usher.now()"                           \
  " AND i.generation = c.generation"                                                       \
  " ELSE i.state = c.kind - 1 AND i.generation = c.generation AND " USHER_HAS_ITS_INVITER( \
      "i") " END"
#define USHER_RECIPIENT(column) \
  "CASE WHEN " USHER_TO_INVITEE " THEN i." column " ELSE coalesce(inviter." column ", '') END"
#define USHER_LEASED_COLUMNS \
  "c.organization_id, c.id, c.attempts, c.lease_until, " USHER_WANTED                        \
  ", " USHER_SUPPRESSED("c.organization_id", "(" USHER_RECIPIENT("email_key") ")")           \
  ", c.invitation_id, c.generation, c.create_time, " USHER_RECIPIENT("email")                \
  ", c.traceparent, c.kind, o.name,"                                                         \
  " coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), "                    \
  USHER_RECIPIENT("first_name") ", " USHER_RECIPIENT("last_name")                            \
  ", trim(i.first_name || ' ' || i.last_name), i.email, i.role, i.site_access = 1,"          \
  " ARRAY(SELECT g.name FROM usher.site_groups g"                                            \
  " WHERE g.organization_id = i.organization_id AND g.id = ANY (i.site_group_ids)"           \
  " ORDER BY g.name_key),"                                                                   \
  " ARRAY(SELECT s.name FROM usher.sites s"                                                  \
  " WHERE s.organization_id = i.organization_id AND s.id = ANY (i.site_ids)"                 \
  " ORDER BY s.name_key),"                                                                   \
  " i.expire_time, i.note, ARRAY[" USHER_RECIPIENT("locale") ", o.default_locale], c.turn"
#define USHER_LEASED_JOINS                                                                        \
  " JOIN usher.invitations i ON i.organization_id = c.organization_id AND i.id = c.invitation_id" \
  " JOIN usher.organizations o ON o.id = c.organization_id"                                       \
  " LEFT JOIN usher.users inviter ON inviter.id = i.invited_by"

// Each organization's oldest mails, one of each in turn until there are $1, as `claimed`. Those
// that another sender is claiming are passed over.
#define USHER_CLAIM \
  "WITH RECURSIVE turns AS ("                                                                \
  " SELECT 1 AS turn, " USHER_NEXT_TURN("$4::uuid") " AS organization_id"                    \
  " UNION ALL"                                                                               \
  " SELECT turns.turn + 1, " USHER_NEXT_TURN("turns.organization_id")                        \
  " FROM turns WHERE turns.turn < $1 AND turns.organization_id IS NOT NULL"                  \
  "), due AS ("                                                                              \
  " SELECT served.organization_id, oldest.id, served.turn,"                                  \
  " row_number() OVER (PARTITION BY served.organization_id"                                  \
  " ORDER BY oldest.next_attempt_time) AS nth"                                               \
  " FROM (SELECT organization_id, min(turn) AS turn FROM turns"                              \
  " WHERE organization_id IS NOT NULL GROUP BY organization_id) served"                      \
  " CROSS JOIN LATERAL ("                                                                    \
  " SELECT m.id, m.next_attempt_time FROM usher.mails m"                                     \
  " WHERE m.organization_id = served.organization_id AND " USHER_DUE                         \
  " ORDER BY m.next_attempt_time LIMIT $1 FOR UPDATE SKIP LOCKED) oldest"                    \
  "), chosen AS ("                                                                           \
  " SELECT organization_id, id, turn FROM due ORDER BY nth, turn LIMIT $1"                   \
  "), claimed AS ("                                                                          \
  " UPDATE usher.mails m"                                                                    \
  " SET lease_owner = $2, lease_until = usher.now() + $3, attempts = m.attempts + 1,"        \
  " update_time = usher.now()"                                                               \
  " FROM chosen WHERE m.organization_id = chosen.organization_id AND m.id = chosen.id"       \
  " RETURNING m.organization_id, m.id, m.invitation_id, m.generation, m.attempts,"           \
  " m.lease_until, m.create_time, m.traceparent, m.kind, chosen.turn)"

constexpr pg::Statement kClaim{"mail.claim", USHER_CLAIM R"sql(
  SELECT )sql" USHER_LEASED_COLUMNS R"sql(
  FROM claimed c )sql" USHER_LEASED_JOINS R"sql(
  ORDER BY c.create_time, c.id)sql"};

// The same under a name. What a mail says is not kept, only whose leases they are.
constexpr pg::Statement kClaimOnce{"mail.claim_once", USHER_CLAIM R"sql(, answer AS (
    SELECT $2::uuid AS owner, organization_id, turn FROM claimed ORDER BY turn DESC LIMIT 1
  ), kept AS ()sql" USHER_KEEP_ANSWER("$6", "true") R"sql()
  TABLE answer)sql"};

// What an owner has leased already.
constexpr pg::Statement kClaimed{"mail.claimed", R"sql(
  WITH c AS (
    SELECT m.organization_id, m.id, m.invitation_id, m.generation, m.attempts, m.lease_until,
           m.create_time, m.traceparent, m.kind, 0 AS turn
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
               leased.recipient, leased.traceparent, mail.kind, mail.organization_name,
               mail.inviter_name, mail.first_name, mail.last_name, mail.invitee_name,
               mail.invitee_email, mail.role, mail.all_sites, mail.site_group_names,
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

pg::Bound BindClaim(const pg::Statement& statement, const ClaimRequest& request) {
  return pg::Bind(statement, int32_t{request.most}, request.owner, request.lease, request.after,
                  request.only);
}

}  // namespace

async::Task<absl::StatusOr<std::vector<LeasedMail>>> Outbox::Claim(async::Instant deadline,
                                                                   ClaimRequest request) {
  pg::Batch batch(deadline, BindClaim(kClaim, request));
  if (request.dry_run) batch.RollBack();
  CO_TRY(const auto answers, co_await db_.Run(std::move(batch)));
  co_return ReadAll(answers.back());
}

async::Task<absl::StatusOr<std::optional<ClaimedOnce>>> Outbox::ClaimOnce(const model::Call& call,
                                                                          ClaimRequest request) {
  pg::Batch batch(call.deadline, BindClaim(kClaimOnce, request));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  if (answers.back().empty()) co_return std::nullopt;
  ClaimedOnce claimed;
  answers.back()[0].ReadFrom(0, claimed.owner, claimed.last_turn);
  co_return claimed;
}

async::Task<absl::StatusOr<std::vector<LeasedMail>>> Outbox::Claimed(async::Instant deadline,
                                                                     model::Uuid owner) {
  auto claimed = pg::Bind(kClaimed, owner);
  CO_TRY(const pg::Rows rows, co_await db_.Query(deadline, std::move(claimed)));
  co_return ReadAll(rows);
}

}  // namespace usher::mail
