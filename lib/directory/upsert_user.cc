#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/users.h"
#include "model/refusal.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

constexpr int kMostAttempts = 5;

// First, so that the next statement sees what an earlier holder of the lock has committed.
constexpr pg::Statement kLock{"directory.upsert_user_lock", R"sql(
  SELECT u.id FROM usher.users u
  WHERE u.id IN (SELECT s.user_id FROM usher.user_identities s
                 WHERE s.issuer = $1 AND s.subject = $2
                 UNION ALL SELECT a.id FROM usher.users a WHERE a.email_key = $3)
  ORDER BY u.id FOR NO KEY UPDATE)sql",
                              /*read_only=*/false, /*shares=*/true};

// A row that another call makes at the same time breaks users_email_key or user_identities_pkey;
// then all of it is done again, and finds that row.
constexpr pg::Statement kUpsertUser{"directory.upsert_user",
                                    R"sql(
  WITH known AS (
    SELECT (SELECT s.user_id FROM usher.user_identities s
            WHERE s.issuer = $1 AND s.subject = $2) AS by_identity,
           (SELECT a.id FROM usher.users a WHERE a.email_key = $4) AS by_email
  ), asked AS (
    SELECT coalesce(by_identity, by_email) AS id, by_identity IS NULL AS links,
           coalesce(by_identity <> by_email, EXISTS (
             SELECT FROM usher.user_identities s
             WHERE by_identity IS NULL AND s.user_id = by_email AND s.issuer = $1)) AS taken,
           by_identity IS NULL AND $11 <= (
             SELECT count(*) FROM usher.user_identities s WHERE s.user_id = by_email) AS full_up
    FROM known
  ), accounts_before AS (
    SELECT s.issuer, s.subject FROM usher.user_identities s, asked WHERE s.user_id = asked.id
  ), accounts AS (
    SELECT issuer, subject FROM accounts_before UNION SELECT $1, $2
  ), former AS (
    SELECT )sql" USHER_USER_STORED ", " USHER_USER_JSON("accounts_before") R"sql( AS json,
           CASE WHEN u.email_key = $4 THEN u.email ELSE $3 END AS new_email,
           coalesce(nullif($5, ''), u.first_name) AS new_first_name,
           coalesce(nullif($6, ''), u.last_name) AS new_last_name,
           coalesce(nullif($7, ''), u.locale) AS new_locale,
           coalesce(u.last_access_time <= usher.now() - interval '1 hour', true) AS been_away
    FROM usher.users u, asked WHERE u.id = asked.id AND NOT taken AND NOT full_up
  ), wanted AS (
    SELECT u.id, json, been_away, u.email, u.first_name, u.last_name, u.locale,
           )sql" USHER_USER_JSON("accounts") R"sql( AS new_json
    FROM (SELECT id, json, been_away, new_email AS email, new_first_name AS first_name,
                 new_last_name AS last_name, new_locale AS locale FROM former) u
  ), changed AS (
    UPDATE usher.users u
    SET email = w.email, email_key = $4, first_name = w.first_name, last_name = w.last_name,
        locale = w.locale, revision = u.revision + (w.json <> w.new_json)::int,
        update_time = CASE WHEN w.json <> w.new_json THEN usher.now() ELSE u.update_time END,
        last_access_time = CASE WHEN been_away THEN usher.now() ELSE u.last_access_time END
    FROM wanted w WHERE u.id = w.id AND (w.json <> w.new_json OR been_away)
    RETURNING )sql" USHER_USER_STORED R"sql(, w.json, w.new_json
  ), added AS (
    INSERT INTO usher.users AS u (id, email, email_key, first_name, last_name, locale,
                                  last_access_time, create_time, update_time)
    SELECT $8, $3, $4, $5, $6, $7, usher.now(), usher.now(), usher.now()
    FROM asked WHERE asked.id IS NULL AND $5 <> ''
    RETURNING )sql" USHER_USER_STORED R"sql(
  ), u AS (
    SELECT )sql" USHER_USER_STORED R"sql( FROM changed u
    UNION ALL SELECT )sql" USHER_USER_STORED R"sql( FROM added u
    UNION ALL SELECT )sql" USHER_USER_STORED R"sql( FROM former u
    WHERE NOT EXISTS (SELECT FROM changed)
  ), linked AS (
    INSERT INTO usher.user_identities (issuer, subject, user_id, create_time)
    SELECT $1, $2, u.id, usher.now() FROM u, asked WHERE links
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT )sql" USHER_NO_ORGANIZATION R"sql(, 'user.created', u.id, $9::uuid, $10::jsonb,
           NULL::jsonb, )sql" USHER_USER_JSON("accounts") R"sql(, usher.now()
    FROM added u
    UNION ALL
    SELECT )sql" USHER_NO_ORGANIZATION R"sql(, 'user.updated', u.id, $9, $10::jsonb,
           )sql" USHER_DIFFERENCE("json", "new_json") ", " USHER_DIFFERENCE("new_json",
                                                                            "json") R"sql(,
           usher.now()
    FROM changed u WHERE json <> new_json
  ), answer AS (
    SELECT taken, full_up, asked.id IS NULL, pg_current_xact_id()::text,
           )sql" USHER_USER_ANSWER R"sql(
    FROM asked LEFT JOIN u ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$12", "email IS NOT NULL") R"sql()
  TABLE answer)sql",
                                    /*read_only=*/false, /*shares=*/true};

absl::Status FieldInvalid(const char* field, const char* description) {
  model::Violations violations;
  violations.Add(field, description);
  return violations.ToStatus();
}

absl::StatusOr<ChangedUser> ReadOutcome(const model::Call& call, const pg::Row& row) {
  if (row.Get<bool>(0)) return UserExists();
  if (row.Get<bool>(1)) return FieldInvalid("identity", "is one more than a user may have");
  if (row.IsNull(4)) return FieldInvalid("first_name", "must be set for a new user");
  return ChangedUser{ReadUser(call, row, 4), row.Get<bool>(2), row.Get<std::string>(3)};
}

}  // namespace

async::Task<absl::StatusOr<ChangedUser>> Directory::UpsertUser(const model::Call& call,
                                                               KnownPerson person) {
  const model::UserId id(ids_.Next());
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    pg::Batch batch(call.deadline);
    batch.Add(pg::Bind(kLock, person.identity.issuer, person.identity.subject, person.email.key()));
    batch.Add(pg::Bind(kUpsertUser, person.identity.issuer, person.identity.subject,
                       person.email.as_typed(), person.email.key(), person.first_name,
                       person.last_name, person.locale, id, storage::CallingUser(call),
                       storage::Origin(call), static_cast<int64_t>(kMostIdentities)));
    const auto answers = co_await storage::Change(db_, call, std::move(batch));
    if (answers.ok()) co_return ReadOutcome(call, answers->back()[0]);
    if (!IsTaken(answers.status())) co_return answers.status();
  }
  co_return model::Refuse(absl::StatusCode::kAborted, model::Reason::kConflict,
                          "The person is being changed; try again.");
}

}  // namespace usher::directory
