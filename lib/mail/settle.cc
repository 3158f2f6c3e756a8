#include <algorithm>

#include "async/try.h"
#include "mail/outbox.h"
#include "storage/codecs.h"

namespace usher::mail {
namespace {

using Outcome = SmtpResult::Outcome;

constexpr int16_t kQueued = 1;
constexpr int16_t kSent = 2;
constexpr int16_t kFailed = 3;

constexpr absl::Duration kAmbiguousDelay = absl::Minutes(10);

#define USHER_NEXT_ATTEMPT                                                                      \
  "(usher.now() + greatest($7::interval, coalesce((ARRAY['1 min', '5 min', '15 min', '30 min']" \
  "::interval[])[m.attempts], '1 hour')))"

// Only the lease's owner settles, once, and only the mail of the newest link shows on its
// invitation. The owner
// stays, so that one who settles again can be told that it is done.
constexpr pg::Statement kSettle{"mail.settle", R"sql(
  WITH mail AS (
    UPDATE usher.mails m
    SET state = CASE WHEN $4::smallint = 1 AND )sql" USHER_NEXT_ATTEMPT R"sql(
                          >= least(m.create_time + interval '72 hours',
                                   CASE WHEN m.kind IN (1, 2) THEN i.expire_time END)
                THEN 3 ELSE $4 END,
        code = $5, detail = $6, next_attempt_time = )sql" USHER_NEXT_ATTEMPT R"sql(,
        lease_until = NULL, update_time = usher.now()
    FROM usher.invitations i
    WHERE m.organization_id = $1 AND m.id = $2 AND m.lease_owner = $3
      AND m.lease_until IS NOT NULL AND m.state = 1
      AND i.organization_id = $1 AND i.id = m.invitation_id
    RETURNING m.invitation_id, m.generation, m.kind, m.attempts, m.state
  ), shown AS (
    UPDATE usher.invitations i
    SET delivery = CASE mail.state WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 4 END, delivery_code = $5,
        delivery_detail = $6, delivery_attempts = mail.attempts,
        sent_time = CASE mail.state WHEN 2 THEN usher.now() ELSE i.sent_time END
    FROM mail
    WHERE i.organization_id = $1 AND i.id = mail.invitation_id AND i.generation = mail.generation
      AND mail.kind = 1
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, origin, before, after, create_time)
    SELECT $1, CASE mail.state WHEN 2 THEN 'delivery.sent' ELSE 'delivery.failed' END, $2,
           $8::jsonb, jsonb_build_object('state', 2),
           jsonb_build_object('state', mail.state + 1, 'smtp_code', $5, 'detail', $6,
                              'attempts', mail.attempts, 'invitation_id', mail.invitation_id,
                              'kind', mail.kind),
           usher.now()
    FROM mail WHERE mail.state IN (2, 3)
  )
  SELECT state FROM mail)sql"};

// A mail that came too late for its invitation shows as given up.
constexpr pg::Statement kWithdraw{"mail.withdraw", R"sql(
  WITH mail AS (
    UPDATE usher.mails m
    SET state = 4, lease_until = NULL, update_time = usher.now()
    WHERE m.organization_id = $1 AND m.id = $2 AND m.lease_owner = $3 AND m.state = 1
    RETURNING m.invitation_id, m.generation, m.kind
  )
  UPDATE usher.invitations i
  SET delivery = 4, delivery_detail = 'the invitation expired before it could be sent'
  FROM mail
  WHERE i.organization_id = $1 AND i.id = mail.invitation_id AND i.generation = mail.generation
    AND mail.kind = 1 AND i.state IN (1, 5) AND i.expire_time <= usher.now())sql"};

constexpr pg::Statement kHandBack{"mail.hand_back", R"sql(
  UPDATE usher.mails
  SET lease_owner = NULL, lease_until = NULL, attempts = attempts - 1, update_time = usher.now()
  WHERE organization_id = ANY ($1) AND id = ANY ($2) AND lease_owner = $3 AND state = 1)sql"};

constexpr pg::Statement kFigures{"mail.queue", R"sql(
  SELECT count(*), coalesce(usher.now() - min(next_attempt_time), '0')
  FROM usher.mails WHERE state = 1)sql",
                                 /*read_only=*/true};

int16_t StateAfter(Outcome outcome) {
  if (outcome == Outcome::kSent) return kSent;
  return outcome == Outcome::kPermanent ? kFailed : kQueued;
}

}  // namespace

pg::Bound Outbox::Settling(const Settlement& settlement) {
  const bool ambiguous = settlement.outcome == Outcome::kAmbiguous;
  const absl::Duration least =
      ambiguous ? std::max(settlement.least_delay, kAmbiguousDelay) : settlement.least_delay;
  return pg::Bind(kSettle, settlement.organization, settlement.id, settlement.owner,
                  StateAfter(settlement.outcome), int32_t{settlement.code}, settlement.detail,
                  least, settlement.origin);
}

async::Task<absl::StatusOr<bool>> Outbox::Settle(async::Instant deadline, Settlement settlement) {
  auto settle = Settling(settlement);
  CO_TRY(const pg::Rows rows, co_await db_.Query(deadline, std::move(settle)));
  co_return !rows.empty();
}

async::Task<absl::Status> Outbox::Withdraw(async::Instant deadline, const LeasedMail& mail,
                                           model::Uuid owner) {
  auto withdraw = pg::Bind(kWithdraw, mail.organization, mail.id, owner);
  CO_TRY(const pg::Rows rows, co_await db_.Query(deadline, std::move(withdraw)));
  co_return absl::OkStatus();
}

async::Task<absl::Status> Outbox::HandBack(async::Instant deadline,
                                           const std::vector<LeasedMail>& mails,
                                           model::Uuid owner) {
  std::vector<model::OrganizationId> organizations;
  std::vector<model::MailId> ids;
  for (const LeasedMail& mail : mails) {
    organizations.push_back(mail.organization);
    ids.push_back(mail.id);
  }
  auto hand_back = pg::Bind(kHandBack, organizations, ids, owner);
  CO_TRY(const pg::Rows rows, co_await db_.Query(deadline, std::move(hand_back)));
  co_return absl::OkStatus();
}

async::Task<absl::StatusOr<QueueFigures>> Outbox::Figures(async::Instant deadline) {
  auto ask = pg::Bind(kFigures);
  CO_TRY(const pg::Rows rows, co_await db_.Query(deadline, std::move(ask)));
  QueueFigures figures;
  rows[0].ReadFrom(0, figures.depth, figures.oldest);
  co_return figures;
}

}  // namespace usher::mail
