#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/limits.h"
#include "invitations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/json.h"
#include "storage/member_or_invited.h"
#include "storage/membership.h"
#include "storage/origin.h"
#include "storage/site_access_columns.h"
#include "storage/suppression.h"

namespace usher::invitations {
namespace {

using model::DeliveryState;

constexpr std::string_view kPermission = "invitations.write";

// BatchCreate for what is asked for most: one invitee, an organization without rules of its own,
// nothing in the way. It does all of it or nothing, at a third of the cost.
// What lets an invitation be created stands in `free`; everything after it hangs on its row.
// ON CONFLICT and not a check alone: of two callers at once, the unique index of open invitations
// lets one through. `replaced` asks again for what `free` saw, since a renewal may have come
// between: then the insert meets the renewed row and does nothing.
constexpr pg::Statement kCreate{"invitations.create", R"sql(
  WITH gate AS (SELECT )sql" USHER_HELD_CALLER_ROLE("$3") R"sql( AS role),
  known_site_groups AS (
    SELECT id FROM usher.site_groups WHERE organization_id = $1 AND id = ANY ($11) FOR KEY SHARE
  ), known_sites AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($12) FOR KEY SHARE
  ), member AS ()sql" USHER_HELD_MEMBERSHIPS("u.email_key = $6") R"sql(
  ), free AS (
    SELECT coalesce($14, usher.now() + coalesce($13, o.invitation_lifetime)) AS expire_time,
           coalesce(nullif($15, ''), o.default_locale) AS locale
    FROM usher.organizations o, gate
    WHERE o.id = $1 AND gate.role = ANY ($3) AND )sql" USHER_EXPIRY_ALLOWED("$14") R"sql(
      AND NOT )sql" USHER_LIMITED R"sql( AND o.allowed_domains = '{}' AND o.denied_domains = '{}'
      AND NOT )sql" USHER_SUPPRESSED("$1", "$6") R"sql(
      AND (SELECT count(*) FROM known_site_groups) = cardinality($11)
      AND (SELECT count(*) FROM known_sites) = cardinality($12)
      AND NOT EXISTS (SELECT FROM member WHERE )sql" USHER_GOES_ON("member") R"sql()
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
      site_group_ids, site_ids, expire_time, invited_by, locale, note, metadata, delivery,
      create_time, update_time)
    SELECT $1, $4, $5, $6, $7, $8, $9, $10, $11, $12, free.expire_time, $2, free.locale, $16,
           $17::jsonb, $18, usher.now(), usher.now()
    FROM free, (SELECT count(*) FROM replaced) first
    ON CONFLICT (organization_id, email_key) WHERE open DO NOTHING
    RETURNING organization_id, id, email, first_name, last_name, role, site_access,
              site_group_ids, site_ids, state, generation, expire_time, invited_by, locale, note,
              redirect_uri, metadata, delivery, delivery_code, delivery_detail, delivery_attempts,
              sent_time, user_id, accept_time, decline_time, cancel_time, revision, create_time,
              update_time
  ), mail AS (
    INSERT INTO usher.mails (organization_id, id, invitation_id, generation, next_attempt_time,
                             traceparent, requested_by, create_time, update_time)
    SELECT $1, $19, i.id, i.generation, usher.now(), $20, $2, usher.now(), usher.now()
    FROM i WHERE i.delivery = 2
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, after,
                              create_time)
    SELECT $1, 'invitation.created', i.id, $2, $21::jsonb,
           jsonb_build_object('email', i.email, 'role', i.role, 'site_access', i.site_access,
                              'site_group_ids', i.site_group_ids, 'site_ids', i.site_ids,
                              'expire_time', i.expire_time, 'replaced', (SELECT id FROM replaced)),
           usher.now()
    FROM i
  )
  SELECT pg_current_xact_id()::text, )sql" USHER_INVITATION_COLUMNS R"sql(
  FROM i LEFT JOIN usher.users inviter ON inviter.id = i.invited_by)sql",
                                /*read_only=*/false, /*shares=*/true};

// Whatever is refused is left to BatchCreate too, which says why.
bool IsPlain(const model::Call& call, const NewInvitation& draft) {
  return call.change_id.empty() && !call.validate_only && !draft.redirect_uri;
}

}  // namespace

async::Task<absl::StatusOr<CreatedInvitation>> Invitations::Create(const model::Call& call,
                                                                   NewInvitation draft) {
  if (IsPlain(call, draft)) {
    CO_TRY(auto created, co_await CreatePlain(call, draft));
    if (created) co_return *std::move(created);
  }
  InvitationTerms terms = draft;
  std::vector<Invitee> invitees;
  invitees.push_back(std::move(draft));
  CO_TRY(CreatedInvitations answers,
         co_await BatchCreate(call, std::move(terms), std::move(invitees)));
  co_return std::move(answers[0]);
}

std::string Invitations::TokenOf(const Invitation& invitation) const {
  const auto generation = static_cast<uint32_t>(invitation.generation);
  return model::Derive(keys_,
                       model::TokenClaims{invitation.organization, invitation.id, generation});
}

async::Task<absl::StatusOr<std::optional<CreatedInvitation>>> Invitations::CreatePlain(
    const model::Call& call, const NewInvitation& draft) {
  const DeliveryState delivery = DeliveryOf(draft.send_email);
  const model::InvitationId id(ids_.Next());
  const storage::SiteAccessColumns access(draft.access);
  auto create = pg::Bind(
      kCreate, draft.organization, storage::CallingUser(call), storage::GatesFor(kPermission), id,
      draft.email.as_typed(), draft.email.key(), draft.first_name, draft.last_name, draft.role,
      access.kind, access.groups, access.sites, draft.lifetime, draft.expire_time, draft.locale,
      draft.note, storage::ToJson(draft.metadata), delivery, model::MailId(ids_.Next()),
      call.traceparent, storage::Origin(call));
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(create)));
  if (rows.empty()) co_return std::nullopt;

  CreatedInvitation created;
  created.position = rows[0].Get<std::string>(0);
  created.invitation = ReadInvitation(rows[0], 1);
  if (delivery != DeliveryState::kQueued) created.token = TokenOf(created.invitation);
  co_return created;
}

}  // namespace usher::invitations
