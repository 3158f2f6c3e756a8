#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/users.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

// An identity that another call adds at the same time breaks user_identities_pkey, and with it the
// whole: no account is made without its identities.
constexpr pg::Statement kCreateUser{"directory.create_user", R"sql(
  WITH u AS (
    INSERT INTO usher.users (id, email, email_key, first_name, last_name, locale, create_time,
                             update_time)
    SELECT $1, $2, $3, $4, $5, $6, usher.now(), usher.now()
    WHERE NOT EXISTS (
      SELECT FROM unnest($7::text[], $8::text[]) asked (issuer, subject)
      JOIN usher.user_identities s ON s.issuer = asked.issuer AND s.subject = asked.subject)
    ON CONFLICT (email_key) DO NOTHING
    RETURNING id, email, first_name, last_name, locale, revision, last_access_time, create_time,
              update_time
  ), accounts AS (
    INSERT INTO usher.user_identities (issuer, subject, user_id, create_time)
    SELECT asked.issuer, asked.subject, u.id, usher.now()
    FROM u, unnest($7::text[], $8::text[]) asked (issuer, subject)
    RETURNING issuer, subject
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, after,
                              create_time)
    SELECT )sql" USHER_NO_ORGANIZATION R"sql(, 'user.created', u.id, $9, $10::jsonb,
           )sql" USHER_USER_JSON("accounts") R"sql(, usher.now()
    FROM u
  ), answer AS (
    SELECT pg_current_xact_id()::text, )sql" USHER_USER_ANSWER R"sql( FROM u
  ), kept AS ()sql" USHER_KEEP_ANSWER("$11", "true") R"sql()
  TABLE answer)sql",
                                    /*read_only=*/false, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<ChangedUser>> Directory::CreateUser(const model::Call& call,
                                                               NewUser draft) {
  const IdentityColumns identities(draft.identities);
  auto create =
      pg::Bind(kCreateUser, model::UserId(ids_.Next()), draft.email.as_typed(), draft.email.key(),
               draft.first_name, draft.last_name, draft.locale, identities.issuers,
               identities.subjects, storage::CallingUser(call), storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(create));
  const auto answers = co_await storage::Change(db_, call, std::move(batch));
  if (IsTaken(answers.status())) co_return UserExists();
  if (!answers.ok()) co_return answers.status();
  const pg::Rows& rows = answers->back();
  if (rows.empty()) co_return UserExists();
  co_return ChangedUser{ReadUser(call, rows[0], 1), true, rows[0].Get<std::string>(0)};
}

}  // namespace usher::directory
