#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "model/refusal.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/json.h"
#include "storage/origin.h"
#include "storage/site_access_columns.h"

namespace usher::invitations {
namespace {

using model::DeliveryState;
using model::Reason;

constexpr std::string_view kPermission = "invitations.write";

// What lets an invitation be created stands in `free`; everything after it hangs on its row.
// ON CONFLICT and not a check alone: of two callers at once, the unique index of open invitations
// lets one through. `replaced` asks again for what `free` saw, since a renewal may have come
// between: then the insert meets the renewed row and does nothing.
constexpr pg::Statement kCreate{"invitations.create", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  known_site_groups AS (
    SELECT id FROM usher.site_groups WHERE organization_id = $1 AND id = ANY ($11) FOR KEY SHARE
  ), known_sites AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($12) FOR KEY SHARE
  ), free AS (
    SELECT coalesce($14, usher.now() + coalesce($13, o.invitation_lifetime)) AS expire_time
    FROM usher.organizations o, gate
    WHERE o.id = $1 AND gate.role = ANY ($3) AND )sql" USHER_EXPIRY_ALLOWED("$14") R"sql(
      AND (SELECT count(*) FROM known_site_groups) = cardinality($11)
      AND (SELECT count(*) FROM known_sites) = cardinality($12)
      AND NOT EXISTS (
        SELECT FROM usher.users u JOIN usher.memberships m ON m.user_id = u.id
        WHERE u.email_key = $6 AND m.organization_id = $1)
      AND NOT EXISTS (
        SELECT FROM usher.invitations p
        WHERE p.organization_id = $1 AND p.email_key = $6 AND p.open AND p.state = 1
          AND p.expire_time > usher.now())
  ), replaced AS (
    UPDATE usher.invitations r
    SET open = false, state = CASE r.state WHEN 1 THEN 5 ELSE r.state END,
        revision = r.revision + 1, update_time = usher.now()
    FROM free
    WHERE r.organization_id = $1 AND r.email_key = $6 AND r.open
      AND (r.state <> 1 OR r.expire_time <= usher.now())
    RETURNING r.id
  ), i AS (
    INSERT INTO usher.invitations (
      organization_id, id, email, email_key, first_name, last_name, role, site_access,
      site_group_ids, site_ids, expire_time, invited_by, locale, note, redirect_uri, metadata,
      delivery, create_time, update_time)
    SELECT $1, $4, $5, $6, $7, $8, $9, $10, $11, $12, free.expire_time, $2, $15, $16, $17,
           $18::jsonb, $19, usher.now(), usher.now()
    FROM free, (SELECT count(*) FROM replaced) first
    ON CONFLICT (organization_id, email_key) WHERE open DO NOTHING
    RETURNING organization_id, id, email, first_name, last_name, role, site_access,
              site_group_ids, site_ids, state, generation, expire_time, invited_by, locale, note,
              redirect_uri, metadata, delivery, delivery_code, delivery_detail, delivery_attempts,
              sent_time, user_id, accept_time, decline_time, cancel_time, revision, create_time,
              update_time
  ), mail AS (
    INSERT INTO usher.mails (organization_id, id, invitation_id, generation, next_attempt_time,
                             traceparent, create_time, update_time)
    SELECT $1, $20, i.id, i.generation, usher.now(), $21, usher.now(), usher.now()
    FROM i WHERE i.delivery = 2
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, after,
                              create_time)
    SELECT $1, 'invitation.created', i.id, $2, $22::jsonb,
           jsonb_build_object('email', i.email, 'role', i.role, 'site_access', i.site_access,
                              'site_group_ids', i.site_group_ids, 'site_ids', i.site_ids,
                              'expire_time', i.expire_time, 'replaced', (SELECT id FROM replaced)),
           usher.now()
    FROM i
  ), answer AS (
    SELECT pg_current_xact_id()::text, )sql" USHER_INVITATION_COLUMNS R"sql(
    FROM i LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  ), kept AS ()sql" USHER_KEEP_ANSWER("$23", "true") R"sql()
  TABLE answer)sql"};

constexpr pg::Statement kExplainCreate{"invitations.explain_create", R"sql(
  SELECT )sql" USHER_CALLER_ROLE R"sql(,
         ARRAY(SELECT unnest($4::uuid[]) EXCEPT
               SELECT id FROM usher.site_groups WHERE organization_id = $1 AND id = ANY ($4)),
         ARRAY(SELECT unnest($5::uuid[]) EXCEPT
               SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($5)),
         (SELECT u.id FROM usher.users u JOIN usher.memberships m ON m.user_id = u.id
          WHERE u.email_key = $3 AND m.organization_id = $1),
         (SELECT i.id FROM usher.invitations i
          WHERE i.organization_id = $1 AND i.email_key = $3 AND i.open AND i.state = 1
            AND i.expire_time > usher.now()),
         )sql" USHER_EXPIRY_ALLOWED("$6"),
                                       /*read_only=*/true};

absl::Status InvitationExists(model::InvitationId id) {
  model::Refusal refusal;
  refusal.reason = Reason::kInvitationExists;
  refusal.metadata.emplace_back("invitation_id", id.ToString());
  return model::Refuse(absl::StatusCode::kAlreadyExists, refusal,
                       "A pending invitation of this address exists; reinvite that one instead.");
}

}  // namespace

async::Task<absl::StatusOr<CreatedInvitation>> Invitations::Create(const model::Call& call,
                                                                   NewInvitation draft) {
  // No organization has an allow list yet, and what is not on one is refused.
  if (!draft.redirect_uri.empty()) {
    co_return model::Refuse(absl::StatusCode::kFailedPrecondition, Reason::kRedirectUriNotAllowed,
                            "The organization allows no such redirect URI.");
  }
  const DeliveryState delivery = DeliveryOf(draft.send_email);
  const model::InvitationId id(ids_.Next());
  const storage::SiteAccessColumns access(draft.access);
  auto create = pg::Bind(
      kCreate, draft.organization, storage::CallingUser(call), storage::GatesFor(kPermission), id,
      draft.email.as_typed(), draft.email.key(), draft.first_name, draft.last_name, draft.role,
      access.kind, access.groups, access.sites, draft.lifetime, draft.expire_time, draft.locale,
      draft.note, draft.redirect_uri, storage::ToJson(draft.metadata), delivery,
      model::MailId(ids_.Next()), call.traceparent, storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(create));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Rows& rows = answers.back();
  if (rows.empty()) co_return co_await ExplainCreate(call, draft);

  CreatedInvitation created;
  created.position = rows[0].Get<std::string>(0);
  created.invitation = ReadInvitation(rows[0], 1);
  if (delivery != DeliveryState::kQueued) {
    created.token =
        model::Derive(keys_, model::TokenClaims{draft.organization, created.invitation.id, 1});
  }
  co_return created;
}

async::Task<absl::Status> Invitations::ExplainCreate(const model::Call& call,
                                                     const NewInvitation& draft) {
  const storage::SiteAccessColumns access(draft.access);
  auto explain = pg::Bind(kExplainCreate, draft.organization, storage::CallingUser(call),
                          draft.email.key(), access.groups, access.sites, draft.expire_time);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(explain)));
  storage::Gate gate;
  std::vector<model::SiteGroupId> unknown_groups;
  std::vector<model::SiteId> unknown_sites;
  std::optional<model::UserId> member;
  std::optional<model::InvitationId> pending;
  bool expiry_allowed = false;
  rows[0].ReadFrom(0, gate, unknown_groups, unknown_sites, member, pending, expiry_allowed);

  CO_CHECK(storage::CheckGate(gate, kPermission));
  CO_CHECK(CheckFields(expiry_allowed, access, unknown_groups, unknown_sites));
  if (member) co_return MemberExists(*member);
  if (pending) co_return InvitationExists(*pending);
  // What stood in the way has gone since.
  co_return model::Refuse(absl::StatusCode::kAborted, Reason::kConflict,
                          "The invitations of this address are being changed; try again.");
}

}  // namespace usher::invitations
