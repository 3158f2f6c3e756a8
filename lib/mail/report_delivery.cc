#include "async/try.h"
#include "mail/deliveries.h"
#include "storage/codecs.h"
#include "storage/origin.h"

namespace usher::mail {
namespace {

// $3: 1 hard bounce, 2 soft bounce, 3 complaint. The same report again changes nothing. Only the
// newest mail shows on its invitation. An address that is suppressed for all organizations belongs
// to none, hence the nil id of its event.
constexpr pg::Statement kReport{"mail.report", R"sql(
  WITH mail AS (
    UPDATE usher.mails m
    SET report = $3, state = CASE WHEN $3 = 1 AND m.state IN (1, 2) THEN 3 ELSE m.state END,
        lease_until = CASE WHEN $3 = 1 THEN NULL ELSE m.lease_until END,
        code = $4, detail = $5, update_time = usher.now()
    WHERE m.organization_id = $1 AND m.id = $2 AND m.report <> $3 AND m.state <> 4
    RETURNING m.organization_id, m.id, m.invitation_id, m.generation, m.attempts
  ), reported AS (
    SELECT mail.organization_id, mail.id, mail.invitation_id, mail.generation, mail.attempts,
           i.email_key, i.delivery
    FROM mail JOIN usher.invitations i
      ON i.organization_id = mail.organization_id AND i.id = mail.invitation_id
  ), shown AS (
    UPDATE usher.invitations i
    SET delivery = CASE $3 WHEN 1 THEN 4 ELSE i.delivery END, delivery_code = $4,
        delivery_detail = $5
    FROM mail
    WHERE i.organization_id = mail.organization_id AND i.id = mail.invitation_id
      AND i.generation = mail.generation
  ), barred AS (
    INSERT INTO usher.suppressions (organization_id, email_key, cause, detail, create_time)
    SELECT NULL, reported.email_key, CASE $3 WHEN 1 THEN 1 ELSE 2 END, $5, usher.now()
    FROM reported WHERE $3 IN (1, 3)
    ON CONFLICT ON CONSTRAINT suppressions_key DO NOTHING
    RETURNING id, email_key, cause, detail
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, origin, before, after, create_time)
    SELECT reported.organization_id, 'delivery.reported', reported.id, $6::jsonb,
           jsonb_build_object('state', reported.delivery),
           jsonb_build_object('state', CASE $3 WHEN 1 THEN 4 ELSE reported.delivery END,
                              'report', $3, 'smtp_code', $4, 'detail', $5,
                              'invitation_id', reported.invitation_id),
           usher.now()
    FROM reported
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000', 'suppression.created', barred.id, $6::jsonb,
           NULL,
           jsonb_build_object('email', barred.email_key, 'cause', barred.cause, 'detail',
                              barred.detail),
           usher.now()
    FROM barred
  )
  SELECT id FROM mail)sql"};

}  // namespace

async::Task<absl::StatusOr<DeliveryStatus>> Deliveries::Report(const model::Call& call,
                                                               DeliveryReport report) {
  CO_TRY(const auto organization, co_await OrganizationOf(call, report.id));
  pg::Bound bound = pg::Bind(kReport, organization, report.id, report.report, int32_t{report.code},
                             report.detail, storage::Origin(call));
  co_return co_await Change(call, std::move(bound), organization, report.id, std::nullopt);
}

}  // namespace usher::mail
