#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/limits.h"
#include "invitations/rows.h"
#include "model/refusal.h"
#include "model/refusals.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/membership_columns.h"
#include "storage/origin.h"
#include "storage/seats.h"

namespace usher::invitations {
namespace {

using absl::StatusCode;
using model::InvitationState;
using model::Reason;

// The account of whoever accepts, as an SQL expression: the calling user, else the identity's
// user, else the address's. $4 e-mail key, $5 user, $6 and $7 identity.
#define USHER_ACCEPTING_USER                                                                 \
  "coalesce((SELECT u.id FROM usher.users u WHERE u.id = $5),"                               \
  " (SELECT s.user_id FROM usher.user_identities s WHERE s.issuer = $6 AND s.subject = $7)," \
  " (SELECT u.id FROM usher.users u WHERE u.email_key = $4))"
// The verified address of whoever accepts; a user's own row is as good as a token's claim.
#define USHER_ACCEPTING_EMAIL \
  "coalesce($4, (SELECT u.email_key FROM usher.users u WHERE u.id = $5))"

// `candidate` locks the invitation, so of two callers the second sees what the first left.
// ON CONFLICT in `added` returns the user whom another organization's acceptance has just added.
constexpr pg::Statement kAccept{"invitations.accept",
                                R"sql(
  WITH candidate AS (
    SELECT i.email, i.email_key, i.first_name, i.last_name, i.locale, i.role, i.site_access,
           i.site_group_ids, i.site_ids, i.metadata, i.invited_by, )sql" USHER_ACCEPTING_USER
                                R"sql( AS account
    FROM usher.invitations i
    WHERE i.organization_id = $1 AND i.id = $2 AND i.generation = $3 AND i.open AND i.state = 1
      AND i.expire_time > usher.now() AND i.email_key = )sql" USHER_ACCEPTING_EMAIL R"sql(
    FOR UPDATE
  ), present_groups AS (
    SELECT g.id FROM usher.site_groups g, candidate c
    WHERE g.organization_id = $1 AND g.id = ANY (c.site_group_ids) FOR KEY SHARE OF g
  ), present_sites AS (
    SELECT s.id FROM usher.sites s, candidate c
    WHERE s.organization_id = $1 AND s.id = ANY (c.site_ids) FOR KEY SHARE OF s
  ), ready AS (
    SELECT email, email_key, first_name, last_name, locale, role, site_access, site_group_ids,
           site_ids, metadata, account
    FROM candidate c
    WHERE (SELECT count(*) FROM present_groups) = cardinality(c.site_group_ids)
      AND (SELECT count(*) FROM present_sites) = cardinality(c.site_ids)
      AND (c.account IS NULL OR c.invited_by IS NULL OR c.account <> c.invited_by)
      AND EXISTS (SELECT FROM usher.organizations o WHERE o.id = $1 AND )sql" USHER_SEAT_FREE
                                R"sql()
  ), added AS (
    INSERT INTO usher.users (id, email, email_key, first_name, last_name, locale,
                             create_time, update_time)
    SELECT $9, coalesce($8, email), email_key, coalesce($10, first_name), coalesce($11, last_name),
           coalesce($13, locale), usher.now(), usher.now()
    FROM ready WHERE account IS NULL
    ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
    RETURNING id, email, first_name, last_name, locale, revision, last_access_time, create_time,
              update_time, xmax = 0 AS created
  ), u AS (
    SELECT u.id, u.email, u.first_name, u.last_name, u.locale, u.revision, u.last_access_time,
           u.create_time, u.update_time, false AS created
    FROM usher.users u JOIN ready ON ready.account = u.id
    UNION ALL
    SELECT id, email, first_name, last_name, locale, revision, last_access_time, create_time,
           update_time, created
    FROM added
  ), identity AS (
    INSERT INTO usher.user_identities (issuer, subject, user_id, create_time)
    SELECT $6, $7, id, usher.now() FROM u WHERE $6 <> ''
    ON CONFLICT DO NOTHING
  ), m AS (
    INSERT INTO usher.memberships AS m (organization_id, user_id, role, site_access,
                                        site_group_ids, site_ids, metadata, invitation_id,
                                        create_time, update_time)
    SELECT $1, u.id, role, site_access, site_group_ids, site_ids, metadata, $2,
           usher.now(), usher.now()
    FROM ready, u
    ON CONFLICT (organization_id, user_id) DO UPDATE
    SET role = excluded.role, site_access = excluded.site_access,
        site_group_ids = excluded.site_group_ids, site_ids = excluded.site_ids, status = 1,
        metadata = excluded.metadata, invitation_id = excluded.invitation_id, end_time = NULL,
        revision = m.revision + 1, create_time = excluded.create_time,
        update_time = excluded.update_time
    WHERE NOT )sql" USHER_GOES_ON("m") R"sql(
    RETURNING )sql" USHER_MEMBERSHIP_STORED R"sql(
  ), i AS (
    UPDATE usher.invitations i
    SET state = 2, open = false, user_id = m.user_id, accept_time = usher.now(),
        update_time = usher.now(), revision = i.revision + 1
    FROM m WHERE i.organization_id = $1 AND i.id = $2
    RETURNING i.organization_id, i.id, i.accept_time, i.redirect_uri, i.generation, i.invited_by
  ), withdrawn AS ()sql" USHER_WITHDRAW_MAILS R"sql(
  ), notice AS ()sql" USHER_NOTIFY_INVITER("3", "$14", "$15") R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'invitation.accepted', $2, u.id, $12::jsonb,
           jsonb_build_object('state', 1),
           jsonb_build_object(
               'state', 2, 'user_id', u.id, 'accept_time', i.accept_time, 'membership',
               jsonb_build_object('organization_id', m.organization_id, 'user_id', u.id,
                                  'role', m.role, 'site_access', m.site_access,
                                  'site_group_ids', m.site_group_ids, 'site_ids', m.site_ids,
                                  'metadata', m.metadata, 'status', 1,
                                  'invitation_id', m.invitation_id)),
           usher.now()
    FROM i, m, u
  ), answer AS (
    SELECT u.created, i.redirect_uri, pg_current_xact_id()::text AS position,
           )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
    FROM i, m, u, usher.organizations o WHERE o.id = $1
  ), kept AS ()sql" USHER_KEEP_ANSWER("$16", "true") R"sql()
  TABLE answer)sql",
                                /*read_only=*/false, /*shares=*/true};

constexpr pg::Statement kExplainAccept{"invitations.explain_accept",
                                       R"sql(
  SELECT i.generation = $3, )sql" USHER_INVITATION_STATE R"sql(, i.expire_time,
         coalesce(i.email_key = )sql" USHER_ACCEPTING_EMAIL R"sql(, false), accepting.account,
         i.invited_by, i.user_id, i.redirect_uri, m.user_id IS NOT NULL, )sql" USHER_SEAT_FREE
                                       R"sql(,
         o.seat_limit, (SELECT count(*) FROM usher.site_groups g
                        WHERE g.organization_id = $1 AND g.id = ANY (i.site_group_ids))
                       < cardinality(i.site_group_ids),
         (SELECT count(*) FROM usher.sites s
          WHERE s.organization_id = $1 AND s.id = ANY (i.site_ids)) < cardinality(i.site_ids),
         )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
  FROM usher.invitations i JOIN usher.organizations o ON o.id = i.organization_id
  CROSS JOIN (SELECT )sql" USHER_ACCEPTING_USER R"sql( AS account) accepting
  LEFT JOIN usher.memberships m
    ON m.organization_id = i.organization_id AND m.user_id = accepting.account
      AND )sql" USHER_GOES_ON("m") R"sql(
  LEFT JOIN usher.users u ON u.id = m.user_id
  WHERE i.organization_id = $1 AND i.id = $2)sql",
                                       /*read_only=*/true, /*shares=*/true};

absl::Status Denied(Reason reason, std::string_view message) {
  return model::Refuse(StatusCode::kPermissionDenied, reason, message);
}

}  // namespace

async::Task<absl::StatusOr<Acceptance>> Invitations::Accept(const model::Call& call,
                                                            std::string token, Accepter accepter) {
  CO_TRY(const model::TokenClaims claims, model::Open(keys_, token));
  if (accepter.email && !accepter.email_verified) {
    co_return co_await ExplainAccept(call, claims, accepter);
  }
  std::optional<std::string> email, email_key;
  if (accepter.email) {
    email = accepter.email->as_typed();
    email_key = accepter.email->key();
  }
  auto accept = pg::Bind(kAccept, claims.organization, claims.invitation,
                         static_cast<int32_t>(claims.generation), email_key, accepter.user,
                         accepter.issuer, accepter.subject, email, model::UserId(ids_.Next()),
                         accepter.first_name, accepter.last_name, storage::Origin(call),
                         accepter.locale, NoticeId(), call.traceparent);
  pg::Batch batch(call.deadline);
  batch.Add(LockOrganization(claims.organization));
  batch.Add(std::move(accept));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Rows& rows = answers.back();
  if (rows.empty()) co_return co_await ExplainAccept(call, claims, accepter);

  Acceptance acceptance;
  acceptance.membership = storage::ReadMembership(rows[0], 3);
  rows[0].ReadFrom(0, acceptance.user_created, acceptance.redirect_uri, acceptance.position);
  co_return acceptance;
}

async::Task<absl::StatusOr<Acceptance>> Invitations::ExplainAccept(const model::Call& call,
                                                                   const model::TokenClaims& claims,
                                                                   const Accepter& accepter) {
  std::optional<std::string> email_key;
  if (accepter.email) email_key = accepter.email->key();
  auto explain = pg::Bind(kExplainAccept, claims.organization, claims.invitation,
                          static_cast<int32_t>(claims.generation), email_key, accepter.user,
                          accepter.issuer, accepter.subject);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(explain)));
  if (rows.empty()) co_return InvalidToken();

  bool newest = false;
  bool same_address = false;
  bool member = false;
  bool seat_free = false;
  bool group_gone = false;
  bool site_gone = false;
  int32_t seat_limit = 0;
  InvitationState state{};
  absl::Time expire_time;
  std::optional<model::UserId> account, inviter, accepted_by;
  std::string redirect_uri;
  rows[0].ReadFrom(0, newest, state, expire_time, same_address, account, inviter, accepted_by,
                   redirect_uri, member, seat_free, seat_limit, group_gone, site_gone);

  if (!newest || state == InvitationState::kDeclined || state == InvitationState::kCanceled) {
    co_return InvalidToken();
  }
  if (accepter.email && !accepter.email_verified) {
    co_return Denied(Reason::kEmailUnverified, "Verify your e-mail address, then accept.");
  }
  if (state == InvitationState::kAccepted && account && account == accepted_by) {
    // Repeated: the same membership again, unless it was revoked since.
    if (!member) co_return InvalidToken();
    Acceptance acceptance;
    acceptance.membership = storage::ReadMembership(rows[0], 13);
    acceptance.redirect_uri = redirect_uri;
    co_return acceptance;
  }
  if (!same_address || state == InvitationState::kAccepted) {
    co_return Denied(Reason::kEmailMismatch, "This invitation is for another e-mail address.");
  }
  if (state == InvitationState::kExpired) co_return Expired(expire_time);
  model::Refusals refusals(call.validate_only);
  if (account && account == inviter) {
    refusals.Add(Denied(Reason::kSelfInvitation, "Nobody can accept an invitation they sent."));
  }
  if (member) {
    refusals.Add(model::Refuse(StatusCode::kAlreadyExists, Reason::kMemberExists,
                               "You are a member of the organization already."));
  }
  if (!seat_free) refusals.Add(NoSeat(claims.organization, seat_limit));
  if (group_gone || site_gone) refusals.Add(PlaceGone(group_gone));
  // What stood in the way may have gone since.
  co_return refusals.empty() ? Conflict() : refusals.ToStatus();
}

}  // namespace usher::invitations
