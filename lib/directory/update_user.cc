#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/users.h"
#include "model/refusal.h"
#include "model/refusals.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

using absl::StatusCode;
using model::Reason;

constexpr pg::Statement kLock{"directory.update_user_lock", R"sql(
  SELECT id FROM usher.users WHERE id = $1 FOR NO KEY UPDATE)sql",
                              /*read_only=*/false, /*shares=*/true};

// $10: whether identities are set; $13: whether the address may become another one.
constexpr pg::Statement kUpdateUser{"directory.update_user",
                                    R"sql(
  WITH accounts_before AS (
    SELECT s.issuer, s.subject FROM usher.user_identities s WHERE s.user_id = $1
  ), given AS (
    SELECT issuer, subject FROM unnest($11::text[], $12::text[]) given (issuer, subject)
  ), accounts AS (
    SELECT issuer, subject FROM given WHERE $10
    UNION ALL SELECT issuer, subject FROM accounts_before WHERE NOT $10
  ), former AS (
    SELECT )sql" USHER_USER_STORED ", " USHER_USER_JSON("accounts_before") R"sql( AS json,
           coalesce(u.email_key <> $6, false) AS moves,
           EXISTS (SELECT FROM usher.users o WHERE o.email_key = $6 AND o.id <> u.id)
             OR EXISTS (SELECT FROM usher.user_identities s JOIN given USING (issuer, subject)
                        WHERE s.user_id <> u.id) AS taken
    FROM usher.users u WHERE u.id = $1
  ), wanted AS (
    SELECT u.id, json, u.email, u.first_name, u.last_name, u.locale,
           )sql" USHER_USER_JSON("accounts") R"sql( AS new_json
    FROM (SELECT id, json, coalesce($5, email) AS email, coalesce($7, first_name) AS first_name,
                 coalesce($8, last_name) AS last_name, coalesce($9, locale) AS locale
          FROM former
          WHERE NOT taken AND (NOT moves OR $13) AND ($2::bigint IS NULL OR revision = $2)) u
  ), changed AS (
    UPDATE usher.users u
    SET email = w.email, email_key = coalesce($6, u.email_key), first_name = w.first_name,
        last_name = w.last_name, locale = w.locale, revision = u.revision + 1,
        update_time = usher.now()
    FROM wanted w WHERE u.id = w.id AND w.json <> w.new_json
    RETURNING )sql" USHER_USER_STORED R"sql(, w.json, w.new_json
  ), removed AS (
    DELETE FROM usher.user_identities s USING changed
    WHERE s.user_id = changed.id AND (s.issuer, s.subject) NOT IN (
      SELECT issuer, subject FROM accounts)
  ), linked AS (
    INSERT INTO usher.user_identities (issuer, subject, user_id, create_time)
    SELECT new.issuer, new.subject, changed.id, usher.now()
    FROM changed, (SELECT issuer, subject FROM accounts
                   EXCEPT SELECT issuer, subject FROM accounts_before) new
  ), u AS (
    SELECT )sql" USHER_USER_STORED R"sql( FROM changed u
    UNION ALL SELECT )sql" USHER_USER_STORED R"sql( FROM former u
    WHERE NOT EXISTS (SELECT FROM changed)
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT )sql" USHER_NO_ORGANIZATION R"sql(, 'user.updated', id, $3, $4::jsonb,
           )sql" USHER_DIFFERENCE("json", "new_json") ", " USHER_DIFFERENCE("new_json",
                                                                            "json") R"sql(,
           usher.now()
    FROM changed
  ), answer AS (
    SELECT former.revision, former.moves, former.taken, pg_current_xact_id()::text,
           )sql" USHER_USER_ANSWER R"sql(, wanted.id IS NOT NULL AS done
    FROM former CROSS JOIN u LEFT JOIN wanted ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$14", "done") R"sql()
  TABLE answer)sql",
                                    /*read_only=*/false, /*shares=*/true};

// Users may take the address that the credentials of their call prove to be theirs.
absl::Status CheckNewAddress(const model::Call& call, const std::optional<model::Email>& email) {
  if (!email || !storage::CallingUser(call)) return absl::OkStatus();
  if (!call.caller.email || !call.caller.email_verified) {
    return model::Refuse(StatusCode::kPermissionDenied, Reason::kEmailUnverified,
                         "Sign in with the new e-mail address, verified, then change it.");
  }
  if (*call.caller.email == *email) return absl::OkStatus();
  return model::Refuse(StatusCode::kPermissionDenied, Reason::kEmailMismatch,
                       "The new e-mail address is not the one that you signed in with.");
}

pg::Bound BindUpdate(const model::Call& call, const UserUpdate& update, bool may_move) {
  std::optional<std::string> email, email_key;
  if (update.email) {
    email = update.email->as_typed();
    email_key = update.email->key();
  }
  const IdentityColumns identities(update.identities.value_or(std::vector<Identity>()));
  return pg::Bind(kUpdateUser, update.user, update.revision, storage::CallingUser(call),
                  storage::Origin(call), email, email_key, update.first_name, update.last_name,
                  update.locale, update.identities.has_value(), identities.issuers,
                  identities.subjects, may_move);
}

}  // namespace

async::Task<absl::StatusOr<ChangedUser>> Directory::UpdateUser(const model::Call& call,
                                                               UserUpdate update) {
  const auto caller = storage::CallingUser(call);
  if (caller && *caller != update.user) co_return NoUser();
  const absl::Status may_move = CheckNewAddress(call, update.email);
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kLock, update.user));
  batch.Add(BindUpdate(call, update, may_move.ok()));
  const auto answers = co_await storage::Change(db_, call, std::move(batch));
  if (IsTaken(answers.status())) co_return UserExists();
  if (!answers.ok()) co_return answers.status();
  const pg::Rows& rows = answers->back();
  if (rows.empty()) co_return NoUser();
  const pg::Row row = rows[0];
  model::Refusals refusals(call.validate_only);
  if (update.revision && row.Get<int64_t>(0) != *update.revision) refusals.Add(UserChanged());
  if (row.Get<bool>(1)) refusals.Add(may_move);
  // Who may not have an address does not learn whether another has it.
  if (row.Get<bool>(2) && may_move.ok()) refusals.Add(UserExists());
  if (!refusals.empty()) co_return refusals.ToStatus();
  co_return ChangedUser{ReadUser(call, row, 4), false, row.Get<std::string>(3)};
}

}  // namespace usher::directory
