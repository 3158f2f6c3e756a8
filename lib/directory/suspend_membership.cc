#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/membership_change.h"
#include "directory/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

constexpr pg::Statement kSuspendMembership{"directory.suspend_membership", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  former AS (
    SELECT m.user_id, )sql" USHER_LAST_SUPER_USER R"sql( AS last
    FROM usher.memberships m, gate
    WHERE m.organization_id = $1 AND m.user_id = )sql" USHER_NAMED_USER R"sql(
      AND gate.role = ANY ($5) AND ($6::bigint IS NULL OR m.revision = $6)
      AND m.status = 1 AND NOT )sql" USHER_MEMBERSHIP_ENDED R"sql(
  ), changed AS (
    UPDATE usher.memberships m
    SET status = 2, revision = m.revision + 1, update_time = usher.now()
    FROM former WHERE m.organization_id = $1 AND m.user_id = former.user_id AND NOT former.last
    RETURNING m.user_id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'membership.suspended', user_id, $2, $7::jsonb, jsonb_build_object('status', 1),
           jsonb_build_object('status', 2), usher.now()
    FROM changed
  )
  SELECT coalesce((SELECT last FROM former), false), pg_current_xact_id()::text)sql"};

}  // namespace

async::Task<absl::StatusOr<ChangedMembership>> Directory::SuspendMembership(
    const model::Call& call, MembershipChange change) {
  const MembershipName& name = change.name;
  pg::Batch batch = BeginChange(call, name);
  batch.Add(pg::Bind(kSuspendMembership, name.organization, storage::CallingUser(call), name.user,
                     name.email_key, storage::GatesFor(kMembersWrite), change.revision,
                     storage::Origin(call)));
  batch.Add(FindMembership(call, name));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_TRY(const Membership former, CheckChange(answers[1][0], change.revision));
  if (former.ended) co_return Ended();
  const pg::Row outcome = answers[2][0];
  if (outcome.Get<bool>(0)) co_return LastSuperUser();
  co_return ChangedMembership{directory::ReadMembership(answers[3][0], 2),
                              outcome.Get<std::string>(1)};
}

}  // namespace usher::directory
