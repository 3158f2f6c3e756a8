#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/limits.h"
#include "invitations/rows.h"
#include "model/refusals.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/member_or_invited.h"
#include "storage/membership.h"
#include "storage/origin.h"
#include "storage/site_access_columns.h"
#include "storage/suppression.h"

namespace usher::invitations {
namespace {

using model::InvitationState;

constexpr std::string_view kPermission = "invitations.write";

#define USHER_PENDING "(i.state = 1 AND i.expire_time > usher.now())"

// First, so that the next statement's snapshot has what an earlier holder of the lock committed:
// an acceptance leaves a membership, which it must see.
constexpr pg::Statement kLock{"invitations.lock", R"sql(
  SELECT revision FROM usher.invitations WHERE organization_id = $1 AND id = $2 FOR UPDATE)sql",
                              /*read_only=*/false, /*shares=*/true};

constexpr pg::Statement kRenew{"invitations.renew",
                               R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  rules AS (
    SELECT o.id, o.invitation_lifetime, )sql" USHER_ROOM R"sql(
    FROM gate CROSS JOIN usher.organizations o )sql" USHER_ROOM_FROM("$12 = 2") R"sql(
    WHERE o.id = $1 AND gate.role = ANY ($3)
  ), named AS (
    SELECT CASE WHEN $7::smallint IS NULL THEN i.site_group_ids ELSE $8 END AS site_groups,
           CASE WHEN $7 IS NULL THEN i.site_ids ELSE $9 END AS sites
    FROM (SELECT) one LEFT JOIN usher.invitations i ON i.organization_id = $1 AND i.id = $4
  ), known_site_groups AS (
    SELECT g.id FROM usher.site_groups g, named
    WHERE g.organization_id = $1 AND g.id = ANY (named.site_groups) FOR KEY SHARE OF g
  ), known_sites AS (
    SELECT s.id FROM usher.sites s, named
    WHERE s.organization_id = $1 AND s.id = ANY (named.sites) FOR KEY SHARE OF s
  ), asked AS (
    SELECT ARRAY(SELECT unnest(site_groups) FROM named
                 EXCEPT SELECT id FROM known_site_groups) AS no_groups,
           ARRAY(SELECT unnest(sites) FROM named EXCEPT SELECT id FROM known_sites) AS no_sites,
           )sql" USHER_EXPIRY_ALLOWED("$11") R"sql( AS expiry_allowed
  ), member AS ()sql" USHER_HELD_MEMBERSHIPS(
                                   "u.email_key = (SELECT i.email_key FROM usher.invitations i"
                                   " WHERE i.organization_id = $1 AND i.id = $4)") R"sql(
  ), found AS (
    SELECT )sql" USHER_INVITATION_STATE R"sql( AS state, i.open, i.revision, i.generation, i.role,
           i.site_access, i.site_group_ids, i.site_ids, i.expire_time,
           (SELECT user_id FROM member WHERE )sql" USHER_GOES_ON("member") R"sql() AS member,
           )sql" USHER_SUPPRESSED("$1", "i.email_key") R"sql( AS opted_out,
           coalesce(o.seats < 1, false) AND NOT )sql" USHER_PENDING R"sql( AS over_seats,
           coalesce(o.room < 1, false) AND NOT )sql" USHER_PENDING R"sql( AS over_pending,
           coalesce(o.mails < 1, false) AS over_mails, coalesce(o.own_mails < 1, false) AS over_own,
           coalesce(recent.sent >= o.mails_per_hour_per_recipient, false) AS over_recipient,
           o.mails_again, o.own_again, recent.again AS recipient_again, o.seat_limit,
           o.pending_limit, o.mails_per_hour, o.mails_per_hour_per_inviter,
           o.mails_per_hour_per_recipient
    FROM usher.invitations i CROSS JOIN rules o
    LEFT JOIN LATERAL ()sql" USHER_MAILS_TO("i.email_key", "$12 = 2") R"sql() recent ON true
    WHERE i.organization_id = $1 AND i.id = $4
  ), i AS (
    UPDATE usher.invitations i
    SET role = coalesce($6, i.role), site_access = coalesce($7, i.site_access),
        site_group_ids = CASE WHEN $7 IS NULL THEN i.site_group_ids ELSE $8 END,
        site_ids = CASE WHEN $7 IS NULL THEN i.site_ids ELSE $9 END,
        state = 1, generation = i.generation + 1, decline_time = NULL,
        expire_time = coalesce($11, usher.now() + coalesce($10, o.invitation_lifetime)),
        delivery = $12, delivery_code = 0, delivery_detail = '', delivery_attempts = 0,
        sent_time = NULL, revision = i.revision + 1, update_time = usher.now()
    FROM asked, found, rules o
    WHERE i.organization_id = $1 AND i.id = $4
      AND found.open AND found.state IN (1, 3, 5) AND found.member IS NULL AND NOT found.opted_out
      AND NOT (found.over_seats OR found.over_pending OR found.over_mails OR found.over_own
               OR found.over_recipient)
      AND no_groups = '{}' AND no_sites = '{}' AND expiry_allowed
      AND ($5::bigint IS NULL OR i.revision = $5)
    RETURNING )sql" USHER_INVITATION_STORED R"sql(
  ), withdrawn AS ()sql" USHER_WITHDRAW_MAILS R"sql(
  ), mail AS (
    INSERT INTO usher.mails (organization_id, id, invitation_id, generation, next_attempt_time,
                             traceparent, requested_by, create_time, update_time)
    SELECT $1, $13, i.id, i.generation, usher.now(), $14, $2, usher.now(), usher.now()
    FROM i WHERE i.delivery = 2
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, $16, i.id, $2, $15::jsonb,
           jsonb_build_object('state', found.state, 'generation', found.generation,
                              'role', found.role, 'site_access', found.site_access,
                              'site_group_ids', found.site_group_ids, 'site_ids', found.site_ids,
                              'expire_time', found.expire_time),
           jsonb_build_object('state', i.state, 'generation', i.generation, 'role', i.role,
                              'site_access', i.site_access, 'site_group_ids', i.site_group_ids,
                              'site_ids', i.site_ids, 'expire_time', i.expire_time),
           usher.now()
    FROM i, found
  ), answer AS (
    SELECT gate.role, no_groups, no_sites, expiry_allowed, found.state, found.open, found.revision,
           found.member, found.opted_out, found.over_seats, found.over_pending, found.over_mails,
           found.over_own, found.over_recipient, found.mails_again, found.own_again,
           found.recipient_again, found.seat_limit, found.pending_limit, found.mails_per_hour,
           found.mails_per_hour_per_inviter, found.mails_per_hour_per_recipient,
           CASE WHEN i.id IS NOT NULL THEN pg_current_xact_id()::text END AS position,
           )sql" USHER_INVITATION_COLUMNS R"sql(
    FROM gate CROSS JOIN asked LEFT JOIN found ON true LEFT JOIN i ON true
    LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  ), kept AS ()sql" USHER_KEEP_ANSWER("$17", "position IS NOT NULL") R"sql()
  TABLE answer)sql",
                               /*read_only=*/false, /*shares=*/true};

constexpr int kPosition = 22;

// Why there is no renewed row, the first reason or every one; `row` as kRenew answers it.
absl::Status NotRenewed(const pg::Row& row, const Renewal& renewal,
                        const storage::SiteAccessColumns& access, bool changes_access, bool every) {
  const auto state = row.Get<std::optional<InvitationState>>(4);
  if (!state) return NoSuchInvitation();
  model::Refusals refusals(every);
  const auto no_groups = row.Get<std::vector<model::SiteGroupId>>(1);
  const auto no_sites = row.Get<std::vector<model::SiteId>>(2);
  refusals.Add(CheckFields(row.Get<bool>(3), "invitation", access, no_groups, no_sites));
  if (!changes_access && !(no_groups.empty() && no_sites.empty())) {
    refusals.Add(PlaceGone(!no_groups.empty()));
  }
  if (renewal.revision && row.Get<int64_t>(6) != *renewal.revision) refusals.Add(Changed());
  if (!model::Allows(*state, model::InvitationAction::kReinvite)) {
    refusals.Add(
        WrongState(*state, "An invitation that was accepted or canceled cannot be renewed."));
  } else if (!row.Get<bool>(5)) {
    refusals.Add(WrongState(*state, "A newer invitation replaced this one."));
  }
  if (auto member = row.Get<std::optional<model::UserId>>(7)) refusals.Add(MemberExists(*member));
  if (row.Get<bool>(8)) refusals.Add(OptedOut());
  AddLimits(renewal.organization, ReadLimits(row, 9), refusals);
  if (!refusals.empty()) return refusals.ToStatus();
  return absl::InternalError("invitations.renew did nothing, and nothing stood in its way");
}

}  // namespace

async::Task<absl::StatusOr<RenewedInvitation>> Invitations::Renew(const model::Call& call,
                                                                  Renewal renewal,
                                                                  InvitationChange change,
                                                                  std::string event_type) {
  const model::DeliveryState delivery = DeliveryOf(renewal.send_email);
  storage::SiteAccessColumns access;
  std::optional<int16_t> access_kind;
  if (change.access) {
    access = storage::SiteAccessColumns(*change.access);
    access_kind = access.kind;
  }
  pg::Batch batch(call.deadline);
  batch.Add(LockOrganization(renewal.organization));
  batch.Add(pg::Bind(kLock, renewal.organization, renewal.id));
  batch.Add(pg::Bind(kRenew, renewal.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), renewal.id, renewal.revision, change.role,
                     access_kind, access.groups, access.sites, renewal.lifetime,
                     renewal.expire_time, delivery, model::MailId(ids_.Next()), call.traceparent,
                     storage::Origin(call), event_type));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  const auto position = row.Get<std::optional<std::string>>(kPosition);
  if (!position)
    co_return NotRenewed(row, renewal, access, access_kind.has_value(), call.validate_only);

  RenewedInvitation renewed;
  renewed.position = *position;
  renewed.invitation = ReadInvitation(row, kPosition + 1);
  if (delivery != model::DeliveryState::kQueued) renewed.token = TokenOf(renewed.invitation);
  co_return renewed;
}

}  // namespace usher::invitations
