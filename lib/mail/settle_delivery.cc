#include "async/try.h"
#include "mail/deliveries.h"
#include "model/refusal.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/origin.h"

namespace usher::mail {
namespace {

constexpr pg::Statement kOrganizationOf{"mail.organization_of", R"sql(
  SELECT organization_id FROM usher.mails WHERE id = $1)sql",
                                        /*read_only=*/true};

// As the invitation shows it, or of mails that it does not show as they are themselves, for whom
// the change was allowed to.
constexpr pg::Statement kShow{"mail.show_delivery", R"sql(
  WITH answer AS (
    SELECT CASE m.kind WHEN 1 THEN i.delivery ELSE m.state + 1 END::smallint,
           CASE m.kind WHEN 1 THEN i.delivery_code ELSE m.code END,
           CASE m.kind WHEN 1 THEN i.delivery_detail ELSE m.detail END,
           CASE m.kind WHEN 1 THEN i.delivery_attempts ELSE m.attempts END,
           CASE WHEN m.kind = 1 THEN i.sent_time
                WHEN m.state = 2 AND m.report = 0 THEN m.update_time END,
           CASE WHEN m.state = 1 THEN m.next_attempt_time END AS next_attempt_time,
           pg_current_xact_id()::text AS position
    FROM usher.mails m
    JOIN usher.invitations i ON i.organization_id = m.organization_id AND i.id = m.invitation_id
    WHERE m.organization_id = $1 AND m.id = $2 AND m.state <> 4
      AND ($3::uuid IS NULL OR m.lease_owner = $3)
  ), kept AS ()sql" USHER_KEEP_ANSWER("$4", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NoSuchDelivery() {
  return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kDeliveryNotFound,
                       "There is no such delivery, or its lease is over.");
}

}  // namespace

async::Task<absl::StatusOr<model::OrganizationId>> Deliveries::OrganizationOf(
    const model::Call& call, model::MailId id) {
  auto find = pg::Bind(kOrganizationOf, id);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(find)));
  if (rows.empty()) co_return NoSuchDelivery();
  co_return rows[0].Get<model::OrganizationId>(0);
}

async::Task<absl::StatusOr<DeliveryStatus>> Deliveries::Change(const model::Call& call,
                                                               pg::Bound change,
                                                               model::OrganizationId organization,
                                                               model::MailId id,
                                                               std::optional<model::Uuid> owner) {
  pg::Batch batch(call.deadline, std::move(change));
  batch.Add(pg::Bind(kShow, organization, id, owner));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Rows& rows = answers.back();
  if (rows.empty()) co_return NoSuchDelivery();
  DeliveryStatus shown;
  rows[0].ReadFrom(0, shown.state, shown.code, shown.detail, shown.attempts, shown.sent_time,
                   shown.next_attempt_time, shown.position);
  co_return shown;
}

async::Task<absl::StatusOr<DeliveryStatus>> Deliveries::Settle(const model::Call& call,
                                                               DeliverySettlement settlement) {
  CO_TRY(const auto organization, co_await OrganizationOf(call, settlement.id));
  Settlement settled;
  settled.organization = organization;
  settled.id = settlement.id;
  settled.owner = settlement.owner;
  settled.outcome = settlement.outcome;
  settled.code = settlement.code;
  settled.detail = std::move(settlement.detail);
  settled.least_delay = settlement.least_delay;
  settled.origin = storage::Origin(call);
  pg::Bound settle = Outbox::Settling(settled);
  co_return co_await Change(call, std::move(settle), organization, settlement.id, settlement.owner);
}

}  // namespace usher::mail
