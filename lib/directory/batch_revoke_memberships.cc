#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/membership_change.h"
#include "directory/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/departure.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

enum class Outcome : int16_t { kRevoked = 0, kNoMember = 1, kLastSuperUser = 2 };

constexpr pg::Statement kGate{"directory.batch_revoke_memberships_gate",
                              "SELECT " USHER_CALLER_ROLE};

// A user who is named more than once counts where they are named first. Of the organization's
// lasting Super Users those named last stays, if all are named. A nil id is none.
constexpr pg::Statement kBatchRevoke{"directory.batch_revoke_memberships", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  asked AS (
    SELECT a.number, coalesce(named.id, a.user_id) AS user_id
    FROM gate, unnest($3::uuid[], $4::text[]) WITH ORDINALITY a (user_id, email_key, number)
    LEFT JOIN usher.users named ON named.email_key = a.email_key
    WHERE gate.role = ANY ($5)
  ), named AS (
    SELECT user_id, min(number) AS number FROM asked GROUP BY user_id
  ), former AS (
    SELECT m.user_id, named.number, )sql" USHER_LASTING_SUPER_USER("m") R"sql( AS lasting,
           row_number() OVER (
             PARTITION BY )sql" USHER_LASTING_SUPER_USER("m") R"sql( ORDER BY named.number) AS place
    FROM named JOIN usher.memberships m ON m.organization_id = $1 AND m.user_id = named.user_id
  ), m AS (
    DELETE FROM usher.memberships m USING former, (
      SELECT count(*) AS lasting FROM usher.memberships other
      WHERE other.organization_id = $1 AND )sql" USHER_LASTING_SUPER_USER("other") R"sql() there
    WHERE m.organization_id = $1 AND m.user_id = former.user_id
      AND NOT (former.lasting AND former.place >= there.lasting)
    RETURNING )sql" USHER_MEMBERSHIP_STORED ", " USHER_MEMBERSHIP_JSON R"sql( AS json, former.number
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              create_time)
    SELECT $1, 'membership.revoked', user_id, $2, $6::jsonb, json, usher.now()
    FROM m ORDER BY number
  ), )sql" USHER_CANCEL_INVITATIONS_OF("m", "$2", "$6") R"sql(, answer AS (
    SELECT CASE WHEN m.user_id IS NOT NULL THEN 0::smallint
                WHEN former.user_id IS NULL OR EXISTS (
                  SELECT FROM m WHERE m.user_id = asked.user_id) THEN 1::smallint
                ELSE 2::smallint END,
           pg_current_xact_id()::text, )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
    FROM asked LEFT JOIN former ON former.user_id = asked.user_id
    LEFT JOIN m ON m.number = asked.number LEFT JOIN usher.users u ON u.id = m.user_id
    LEFT JOIN usher.organizations o ON o.id = m.organization_id
    ORDER BY asked.number
  ), kept AS ()sql" USHER_KEEP_ANSWER("$7", "true") R"sql()
  TABLE answer)sql"};

pg::Bound BindRevocation(const model::Call& call, const BatchRevocation& revocation) {
  std::vector<model::UserId> ids;
  std::vector<std::string> email_keys;
  for (const MembershipName& name : revocation.names) {
    ids.push_back(name.user.value_or(model::UserId()));
    email_keys.push_back(name.email_key.value_or(""));
  }
  return pg::Bind(kBatchRevoke, revocation.organization, storage::CallingUser(call), ids,
                  email_keys, storage::GatesFor(kMembersWrite), storage::Origin(call));
}

absl::StatusOr<Membership> ReadResult(const pg::Row& row) {
  switch (row.Get<Outcome>(0)) {
    case Outcome::kRevoked:
      return ReadMembership(row, 2);
    case Outcome::kLastSuperUser:
      return LastSuperUser();
    case Outcome::kNoMember:
      break;
  }
  return NoMember();
}

}  // namespace

async::Task<absl::StatusOr<BatchRevoked>> Directory::BatchRevokeMemberships(
    const model::Call& call, BatchRevocation revocation) {
  pg::Batch batch(call.deadline);
  batch.Add(LockMembers(revocation.organization, revocation.names));
  batch.Add(pg::Bind(kGate, revocation.organization, storage::CallingUser(call)));
  batch.Add(BindRevocation(call, revocation));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  if (answers.back().empty()) {
    CO_CHECK(storage::CheckGate(answers[1][0].Get<storage::Gate>(0), kMembersWrite));
  }
  BatchRevoked revoked;
  for (const pg::Row row : answers.back()) {
    revoked.results.push_back(ReadResult(row));
    if (revoked.results.back().ok()) revoked.position = row.Get<std::string>(1);
  }
  co_return revoked;
}

}  // namespace usher::directory
