#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/invitees.h"
#include "invitations/limits.h"
#include "invitations/rows.h"
#include "invitations/verdict.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/member_or_invited.h"
#include "storage/membership.h"
#include "storage/origin.h"
#include "storage/suppression.h"

namespace usher::invitations {
namespace {

using model::DeliveryState;

constexpr std::string_view kPermission = "invitations.write";

// Whether one of `entries` stands for the domain of `email_key`: "example.com", or "*.example.com"
// for those below it.
#define USHER_DOMAIN_AMONG(entries, email_key)                       \
  "EXISTS (SELECT FROM unnest(" entries ") e, split_part(" email_key \
  ", '@', -1) d"                                                     \
  " WHERE e = d OR (starts_with(e, '*.') AND right(d, length(e) - 1) = substr(e, 2)))"

// Whether no limit but those of mails keeps `s` from being created or renewed.
#define USHER_STILL_WANTED                                   \
  "(s.action IN (1, 2) AND NOT s.repeated AND NOT (s.action" \
  " = 1 AND (s.over_seats OR s.over_pending)))"

// In the order of addresses, as those below are inserted: so of two batches with the same addresses
// neither holds what the other one waits for.
constexpr pg::Statement kLockAddresses{"invitations.lock_addresses", R"sql(
  SELECT id FROM usher.invitations
  WHERE organization_id = $1 AND email_key = ANY ($2) AND open
  ORDER BY email_key FOR UPDATE)sql",
                                       /*read_only=*/false, /*shares=*/true};

// `judged` says of each invitee what stands in the way, `decided` what is wanted: 1 to create, 2 to
// renew, 3 to answer with what is there, 0 nothing. The three after it count what comes before an
// invitee, so that each is decided as if those had been invited by calls of their own: an address
// counts once, a place under a limit is taken only by what is done. `done` is what remains.
// ON CONFLICT and not a check alone: of two callers at once the unique index lets one through; the
// other waits, changes nothing, and is told what it met.
constexpr pg::Statement kBatchCreate{"invitations.batch_create",
                                     R"sql(
  WITH gate AS (SELECT )sql" USHER_HELD_CALLER_ROLE("$3") R"sql( AS role),
  rules AS (
    SELECT coalesce($8, usher.now() + coalesce($7, o.invitation_lifetime)) AS expire_time,
           )sql" USHER_EXPIRY_ALLOWED("$8") R"sql( AS expiry_allowed,
           o.id, o.default_locale, o.allowed_domains, o.denied_domains, o.redirect_uris, )sql" USHER_ROOM
                                            R"sql(
    FROM gate CROSS JOIN usher.organizations o )sql" USHER_ROOM_FROM("$10 = 2") R"sql(
    WHERE o.id = $1 AND gate.role = ANY ($3)
  ), known_site_groups AS (
    SELECT id FROM usher.site_groups WHERE organization_id = $1 AND id = ANY ($5) FOR KEY SHARE
  ), known_sites AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($6) FOR KEY SHARE
  ), asked AS (
    SELECT a.n, a.id, a.mail_id, a.email, a.email_key, a.first_name, a.last_name, a.role,
           a.site_access, a.site_group_ids, a.site_ids, a.locale, a.note, a.redirect_uri,
           a.redirect_place, a.metadata
    FROM json_to_recordset($4::json) AS a()sql" USHER_INVITEE_COLUMNS R"sql()
  ), members AS ()sql" USHER_HELD_MEMBERSHIPS("u.email_key IN (SELECT email_key FROM asked)") R"sql(
  ), judged AS (
    SELECT a.n, a.id, a.email_key, o.expiry_allowed,
           CASE WHEN a.site_access = 2 THEN ARRAY(
             SELECT unnest(a.site_group_ids) EXCEPT SELECT id FROM known_site_groups)
           ELSE '{}' END AS no_groups,
           CASE WHEN a.site_access = 3 THEN ARRAY(
             SELECT unnest(a.site_ids) EXCEPT SELECT id FROM known_sites)
           ELSE '{}' END AS no_sites,
           (SELECT m.user_id FROM members m
            WHERE m.email_key = a.email_key AND )sql" USHER_GOES_ON("m") R"sql() AS member,
           old.id AS old_id, coalesce(old.state = 1 AND old.expire_time > usher.now(), false)
             AS pending,
           )sql" USHER_SUPPRESSED("$1", "a.email_key") R"sql( AS opted_out,
           (o.allowed_domains <> '{}' AND NOT )sql" USHER_DOMAIN_AMONG("o.allowed_domains",
                                                                       "a.email_key") R"sql()
             OR )sql" USHER_DOMAIN_AMONG("o.denied_domains", "a.email_key") R"sql( AS domain_denied,
           a.redirect_uri <> '' AND NOT EXISTS (
             SELECT FROM unnest(o.redirect_uris) e
             WHERE a.redirect_place = e OR starts_with(a.redirect_place, e || '/'))
             AS redirect_denied,
           coalesce(recent.sent >= o.mails_per_hour_per_recipient, false) AS over_recipient,
           recent.again AS recipient_again, o.seats, o.room, o.mails, o.own_mails,
           CASE WHEN $9 = 3 THEN jsonb_build_object(
             'state', old.state, 'generation', old.generation, 'role', old.role,
             'site_access', old.site_access, 'site_group_ids', old.site_group_ids,
             'site_ids', old.site_ids, 'expire_time', old.expire_time) END AS before
    FROM asked a CROSS JOIN rules o
    LEFT JOIN usher.invitations old
      ON old.organization_id = $1 AND old.email_key = a.email_key AND old.open
    LEFT JOIN LATERAL ()sql" USHER_MAILS_TO("a.email_key", "$10 = 2") R"sql() recent ON true
  ), decided AS (
    SELECT j.n, j.email_key, j.seats, j.room, j.mails, j.own_mails,
           CASE WHEN NOT j.expiry_allowed OR j.no_groups <> '{}' OR j.no_sites <> '{}' THEN 0
                WHEN j.pending AND $9 = 2 THEN 3
                WHEN j.member IS NOT NULL OR j.opted_out OR j.domain_denied OR j.redirect_denied
                     OR j.over_recipient THEN 0
                WHEN NOT j.pending THEN 1
                WHEN $9 = 3 THEN 2 ELSE 0 END AS action
    FROM judged j
  ), distinguished AS (
    SELECT d.n, d.seats, d.room, d.mails, d.own_mails, d.action,
           count(*) FILTER (WHERE d.action > 0) OVER before > 0 AS repeated
    FROM decided d WINDOW before AS (
      PARTITION BY d.email_key ORDER BY d.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), seated AS (
    SELECT d.n, d.mails, d.own_mails, d.action, d.repeated,
           coalesce(count(*) FILTER (WHERE d.action = 1 AND NOT d.repeated) OVER before >= d.seats,
                    false) AS over_seats,
           coalesce(count(*) FILTER (WHERE d.action = 1 AND NOT d.repeated) OVER before >= d.room,
                    false) AS over_pending
    FROM distinguished d
    WINDOW before AS (ORDER BY d.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), mailed AS (
    SELECT s.n, s.action, s.repeated, s.over_seats, s.over_pending,
           coalesce(count(*) FILTER (WHERE )sql" USHER_STILL_WANTED R"sql() OVER before >= s.mails,
                    false) AS over_mails,
           coalesce(count(*) FILTER (WHERE )sql" USHER_STILL_WANTED R"sql() OVER before
                    >= s.own_mails, false) AS over_own
    FROM seated s
    WINDOW before AS (ORDER BY s.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), done AS (
    SELECT s.n, s.action FROM mailed s
    WHERE s.action = 3 AND NOT s.repeated
       OR )sql" USHER_STILL_WANTED R"sql( AND NOT s.over_mails AND NOT s.over_own
  ), replaced AS (
    UPDATE usher.invitations r
    SET open = false, state = CASE r.state WHEN 1 THEN 5 ELSE r.state END,
        revision = r.revision + 1, update_time = usher.now()
    FROM done d JOIN judged j ON j.n = d.n
    WHERE d.action = 1 AND r.organization_id = $1 AND r.id = j.old_id AND r.open
      AND (r.state <> 1 OR r.expire_time <= usher.now())
    RETURNING r.id, r.email_key
  ), added AS (
    INSERT INTO usher.invitations AS i (
      organization_id, id, email, email_key, first_name, last_name, role, site_access,
      site_group_ids, site_ids, expire_time, invited_by, locale, note, redirect_uri, metadata,
      delivery, create_time, update_time)
    SELECT $1, a.id, a.email, a.email_key, a.first_name, a.last_name, a.role, a.site_access,
           a.site_group_ids, a.site_ids, o.expire_time, $2,
           coalesce(nullif(a.locale, ''), o.default_locale), a.note, a.redirect_uri, a.metadata,
           $10, usher.now(), usher.now()
    FROM asked a JOIN done d ON d.n = a.n CROSS JOIN rules o
         CROSS JOIN (SELECT count(*) FROM replaced) first
    WHERE d.action = 1
    ORDER BY a.email_key
    ON CONFLICT (organization_id, email_key) WHERE open DO UPDATE SET revision = i.revision
    RETURNING i.email_key, )sql" USHER_INVITATION_STORED R"sql(
  ), renewed AS (
    UPDATE usher.invitations i
    SET email = a.email, first_name = a.first_name, last_name = a.last_name, role = a.role,
        site_access = a.site_access, site_group_ids = a.site_group_ids, site_ids = a.site_ids,
        locale = coalesce(nullif(a.locale, ''), o.default_locale), note = a.note,
        redirect_uri = a.redirect_uri, metadata = a.metadata, generation = i.generation + 1,
        expire_time = o.expire_time, delivery = $10, delivery_code = 0, delivery_detail = '',
        delivery_attempts = 0, sent_time = NULL, revision = i.revision + 1,
        update_time = usher.now()
    FROM asked a JOIN done d ON d.n = a.n JOIN judged j ON j.n = a.n CROSS JOIN rules o
    WHERE d.action = 2 AND i.organization_id = $1 AND i.id = j.old_id AND i.open AND i.state = 1
      AND i.expire_time > usher.now()
    RETURNING i.email_key, )sql" USHER_INVITATION_STORED R"sql(
  ), i AS (
    SELECT i.email_key, )sql" USHER_INVITATION_STORED R"sql( FROM added i
    UNION ALL
    SELECT i.email_key, )sql" USHER_INVITATION_STORED R"sql( FROM renewed i
    UNION ALL
    SELECT i.email_key, )sql" USHER_INVITATION_STORED R"sql(
    FROM usher.invitations i JOIN judged j ON j.old_id = i.id JOIN done d ON d.n = j.n
    WHERE i.organization_id = $1 AND d.action = 3
  ), made AS (
    SELECT j.n, d.action, j.before, i.id, i.email, i.email_key, i.generation, i.state, i.role,
           i.site_access, i.site_group_ids, i.site_ids, i.expire_time
    FROM judged j JOIN done d ON d.n = j.n JOIN i ON i.email_key = j.email_key
    WHERE d.action = 2 OR d.action = 1 AND i.id = j.id
  ), withdrawn AS ()sql" USHER_WITHDRAW_MAILS_OF("renewed") R"sql(
  ), mail AS (
    INSERT INTO usher.mails (organization_id, id, invitation_id, generation, next_attempt_time,
                             traceparent, requested_by, create_time, update_time)
    SELECT $1, a.mail_id, m.id, m.generation, usher.now(), $11, $2, usher.now(), usher.now()
    FROM made m JOIN asked a ON a.n = m.n WHERE $10 = 2
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, CASE m.action WHEN 1 THEN 'invitation.created' ELSE 'invitation.updated' END, m.id,
           $2, $12::jsonb, m.before,
           jsonb_build_object('role', m.role, 'site_access', m.site_access,
                              'site_group_ids', m.site_group_ids, 'site_ids', m.site_ids,
                              'expire_time', m.expire_time)
             || CASE m.action WHEN 1 THEN jsonb_build_object('email', m.email, 'replaced', (
                  SELECT r.id FROM replaced r WHERE r.email_key = m.email_key))
                ELSE jsonb_build_object('state', m.state, 'generation', m.generation) END,
           usher.now()
    FROM made m ORDER BY m.n
  ), answer AS (
    SELECT gate.role, rules.expiry_allowed, j.n,
           CASE WHEN m.n IS NOT NULL OR d.action = 3 THEN d.action
                WHEN d.n IS NOT NULL THEN 4 ELSE 0 END::smallint,
           j.no_groups, j.no_sites, j.member, CASE WHEN j.pending THEN j.old_id END, j.opted_out,
           j.domain_denied, j.redirect_denied, s.repeated, s.over_seats AND NOT j.pending,
           s.over_pending AND NOT j.pending,
           s.over_mails, s.over_own, j.over_recipient, rules.mails_again, rules.own_again,
           j.recipient_again, rules.seat_limit, rules.pending_limit, rules.mails_per_hour,
           rules.mails_per_hour_per_inviter, rules.mails_per_hour_per_recipient,
           CASE WHEN m.n IS NULL THEN '' ELSE pg_current_xact_id()::text END AS position,
           )sql" USHER_INVITATION_COLUMNS
                                                            R"sql(
    FROM gate LEFT JOIN rules ON true LEFT JOIN judged j ON rules.id IS NOT NULL
    LEFT JOIN mailed s ON s.n = j.n LEFT JOIN done d ON d.n = j.n LEFT JOIN made m ON m.n = j.n
    LEFT JOIN i ON i.email_key = j.email_key
    LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
    ORDER BY j.n
  ), kept AS ()sql" USHER_KEEP_ANSWER("$13", "EXISTS (SELECT FROM made)") R"sql()
  TABLE answer)sql",
                                     /*read_only=*/false, /*shares=*/true};

absl::Status CheckCall(const pg::Row& row) {
  const auto gate = storage::CheckGate(row.Get<storage::Gate>(0), kPermission);
  if (!gate.ok()) return gate;
  return CheckFields(row.Get<bool>(1), "", {}, {}, {});
}

}  // namespace

async::Task<absl::StatusOr<CreatedInvitations>> Invitations::BatchCreate(
    const model::Call& call, InvitationTerms terms, std::vector<Invitee> invitees) {
  const DeliveryState delivery = DeliveryOf(terms.send_email);
  pg::Batch batch(call.deadline);
  if (invitees.size() > 1) batch.StayAlone();
  batch.Add(LockOrganization(terms.organization));
  batch.Add(pg::Bind(kLockAddresses, terms.organization, AddressesOf(invitees)));
  batch.Add(pg::Bind(kBatchCreate, terms.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), ToJson(invitees, ids_), SiteGroupsOf(invitees),
                     SitesOf(invitees), terms.lifetime, terms.expire_time, terms.on_pending,
                     delivery, call.traceparent, storage::Origin(call)));
  CO_TRY(const auto rows, co_await storage::Change(db_, call, std::move(batch)));
  CO_CHECK(CheckCall(rows.back()[0]));

  CreatedInvitations answers;
  if (invitees.empty()) co_return answers;
  for (const pg::Row row : rows.back()) {
    Verdict verdict = ReadVerdict(row, 2);
    const Invitee& invitee = invitees[static_cast<size_t>(verdict.n)];
    if (!IsDone(verdict, terms.on_pending)) {
      answers.emplace_back(Why(verdict, invitee, terms.organization, call.validate_only));
      continue;
    }
    CreatedInvitation created{*std::move(verdict.invitation), "", verdict.position};
    const bool changed = !created.position.empty();
    if (changed && delivery != DeliveryState::kQueued) created.token = TokenOf(created.invitation);
    answers.emplace_back(std::move(created));
  }
  co_return answers;
}

}  // namespace usher::invitations
