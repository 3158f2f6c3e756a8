#include "async/try.h"
#include "mail/deliveries.h"
#include "storage/codecs.h"
#include "storage/origin.h"

namespace usher::mail {
namespace {

// $3: 1 hard bounce, 2 soft bounce, 3 complaint. The same report again changes nothing. Only the
// mail of the newest link shows on its invitation. An address that is suppressed for all
// organizations belongs to none, hence the nil id of its event.
constexpr pg::Statement kReport{"mail.report", R"sql(
  WITH found AS (
    SELECT m.organization_id, m.id, m.state FROM usher.mails m
    WHERE m.organization_id = $1 AND m.id = $2 AND m.report <> $3 AND m.state <> 4 FOR UPDATE
  ), mail AS (
    UPDATE usher.mails m
    SET report = $3, state = CASE WHEN $3 = 1 AND m.state IN (1, 2) THEN 3 ELSE m.state END,
        lease_until = CASE WHEN $3 = 1 THEN NULL ELSE m.lease_until END,
        code = $4, detail = $5, update_time = usher.now()
    FROM found WHERE m.organization_id = found.organization_id AND m.id = found.id
    RETURNING m.organization_id, m.id, m.invitation_id, m.generation, m.kind, m.attempts, m.state,
              found.state AS before
  ), reported AS (
    SELECT mail.organization_id, mail.id, mail.invitation_id, mail.kind, mail.state, mail.before,
           CASE WHEN mail.kind IN (1, 2) THEN i.email_key ELSE inviter.email_key END AS email_key
    FROM mail JOIN usher.invitations i
      ON i.organization_id = mail.organization_id AND i.id = mail.invitation_id
    LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  ), shown AS (
    UPDATE usher.invitations i
    SET delivery = CASE $3 WHEN 1 THEN 4 ELSE i.delivery END, delivery_code = $4,
        delivery_detail = $5
    FROM mail
    WHERE i.organization_id = mail.organization_id AND i.id = mail.invitation_id
      AND i.generation = mail.generation AND mail.kind = 1
  ), barred AS (
    INSERT INTO usher.suppressions (organization_id, email_key, cause, detail, create_time)
    SELECT NULL, reported.email_key, CASE $3 WHEN 1 THEN 1 ELSE 2 END, $5, usher.now()
    FROM reported WHERE $3 IN (1, 3) AND reported.email_key IS NOT NULL
    ON CONFLICT ON CONSTRAINT suppressions_key DO NOTHING
    RETURNING id, email_key, cause, detail
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, origin, before, after, create_time)
    SELECT reported.organization_id, 'delivery.reported', reported.id, $6::jsonb,
           jsonb_build_object('state', reported.before + 1),
           jsonb_build_object('state', reported.state + 1, 'report', $3, 'smtp_code', $4,
                              'detail', $5, 'invitation_id', reported.invitation_id,
                              'kind', reported.kind),
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
