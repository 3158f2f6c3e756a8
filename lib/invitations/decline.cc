#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/limits.h"
#include "invitations/rows.h"
#include "model/refusal.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/origin.h"

namespace usher::invitations {
namespace {

using absl::StatusCode;
using model::InvitationState;
using model::Reason;

// The verified address of whoever declines; a user's own row is as good as a token's claim.
#define USHER_DECLINING_EMAIL \
  "coalesce($4, (SELECT u.email_key FROM usher.users u WHERE u.id = $5))"

// The update locks the row, so of two callers the second decides by what the first left. It stays
// open: the organization may renew it.
constexpr pg::Statement kDecline{"invitations.decline", R"sql(
  WITH i AS (
    UPDATE usher.invitations i
    SET state = 3, decline_time = usher.now(), update_time = usher.now(), revision = i.revision + 1
    WHERE i.organization_id = $1 AND i.id = $2 AND i.generation = $3 AND i.open AND i.state = 1
      AND i.expire_time > usher.now() AND i.email_key = )sql" USHER_DECLINING_EMAIL R"sql(
    RETURNING i.organization_id, i.id, i.email_key, i.decline_time, i.generation, i.invited_by
  ), withdrawn AS ()sql" USHER_WITHDRAW_MAILS R"sql(
  ), notice AS ()sql" USHER_NOTIFY_INVITER("4", "$8", "$9") R"sql(
  ), opt_out AS (
    INSERT INTO usher.suppressions (organization_id, email_key, cause, create_time)
    SELECT $1, i.email_key, 3, usher.now() FROM i WHERE $7
    ON CONFLICT ON CONSTRAINT suppressions_key DO NOTHING
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'invitation.declined', i.id,
           coalesce($5, (SELECT u.id FROM usher.users u WHERE u.email_key = i.email_key)),
           $6::jsonb, jsonb_build_object('state', 1),
           jsonb_build_object('state', 3, 'do_not_ask_again', $7), usher.now()
    FROM i
  ), answer AS (
    SELECT i.decline_time, pg_current_xact_id()::text FROM i
  ), kept AS ()sql" USHER_KEEP_ANSWER("$10", "true") R"sql()
  TABLE answer)sql",
                                 /*read_only=*/false, /*shares=*/true};

constexpr pg::Statement kExplainDecline{"invitations.explain_decline", R"sql(
  SELECT i.generation = $3, )sql" USHER_INVITATION_STATE R"sql(, i.expire_time, i.decline_time,
         coalesce(i.email_key = )sql" USHER_DECLINING_EMAIL R"sql(, false)
  FROM usher.invitations i WHERE i.organization_id = $1 AND i.id = $2)sql",
                                        /*read_only=*/true, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<Declination>> Invitations::Decline(const model::Call& call,
                                                              std::string token, Accepter decliner,
                                                              bool do_not_ask_again) {
  CO_TRY(const model::TokenClaims claims, model::Open(keys_, token));
  if (decliner.email && !decliner.email_verified) {
    co_return co_await ExplainDecline(call, claims, decliner);
  }
  std::optional<std::string> email_key;
  if (decliner.email) email_key = decliner.email->key();
  auto decline = pg::Bind(kDecline, claims.organization, claims.invitation,
                          static_cast<int32_t>(claims.generation), email_key, decliner.user,
                          storage::Origin(call), do_not_ask_again, NoticeId(), call.traceparent);
  pg::Batch batch(call.deadline);
  batch.Add(LockOrganization(claims.organization));
  batch.Add(std::move(decline));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Rows& rows = answers.back();
  if (rows.empty()) co_return co_await ExplainDecline(call, claims, decliner);

  Declination declination;
  rows[0].ReadFrom(0, declination.decline_time, declination.position);
  co_return declination;
}

async::Task<absl::StatusOr<Declination>> Invitations::ExplainDecline(
    const model::Call& call, const model::TokenClaims& claims, const Accepter& decliner) {
  std::optional<std::string> email_key;
  if (decliner.email) email_key = decliner.email->key();
  auto explain = pg::Bind(kExplainDecline, claims.organization, claims.invitation,
                          static_cast<int32_t>(claims.generation), email_key, decliner.user);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(explain)));
  if (rows.empty()) co_return InvalidToken();

  bool newest = false;
  bool same_address = false;
  InvitationState state{};
  absl::Time expire_time;
  std::optional<absl::Time> decline_time;
  rows[0].ReadFrom(0, newest, state, expire_time, decline_time, same_address);

  const bool declined = state == InvitationState::kDeclined;
  if (!newest || state == InvitationState::kAccepted || state == InvitationState::kCanceled) {
    co_return InvalidToken();
  }
  if (decliner.email && !decliner.email_verified) {
    co_return model::Refuse(StatusCode::kPermissionDenied, Reason::kEmailUnverified,
                            "Verify your e-mail address, then decline.");
  }
  if (declined && same_address && decline_time) co_return Declination{*decline_time, ""};
  if (declined) co_return InvalidToken();
  if (!same_address) {
    co_return model::Refuse(StatusCode::kPermissionDenied, Reason::kEmailMismatch,
                            "This invitation is for another e-mail address.");
  }
  if (state == InvitationState::kExpired) co_return Expired(expire_time);
  // What stood in the way has gone since.
  co_return model::Refuse(StatusCode::kAborted, Reason::kConflict,
                          "The invitation is being changed; try again.");
}

}  // namespace usher::invitations
