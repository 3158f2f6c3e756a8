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
    SELECT )sql" USHER_MEMBERSHIP_STORED ", " USHER_LAST_SUPER_USER R"sql( AS last
    FROM usher.memberships m, gate
    WHERE m.organization_id = $1 AND m.user_id = )sql" USHER_NAMED_USER R"sql(
      AND gate.role = ANY ($5) AND ($6::bigint IS NULL OR m.revision = $6)
      AND NOT )sql" USHER_MEMBERSHIP_ENDED R"sql(
  ), changed AS (
    UPDATE usher.memberships m
    SET status = 2, revision = m.revision + 1, update_time = usher.now()
    FROM former
    WHERE m.organization_id = $1 AND m.user_id = former.user_id AND former.status = 1
      AND NOT former.last
    RETURNING )sql" USHER_MEMBERSHIP_STORED R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'membership.suspended', user_id, $2, $7::jsonb, jsonb_build_object('status', 1),
           jsonb_build_object('status', 2), usher.now()
    FROM changed
  ), m AS (
    SELECT )sql" USHER_MEMBERSHIP_STORED R"sql( FROM changed m
    UNION ALL
    SELECT )sql" USHER_MEMBERSHIP_STORED R"sql( FROM former m WHERE m.status = 2
  ), )sql" USHER_CANCEL_INVITATIONS_OF("changed", "$2", "$7") ", " USHER_ANSWER_MEMBERSHIP("$8")};

}  // namespace

async::Task<absl::StatusOr<ChangedMembership>> Directory::SuspendMembership(
    const model::Call& call, MembershipChange change) {
  const MembershipName& name = change.name;
  pg::Batch batch = BeginChange(call, name);
  batch.Add(pg::Bind(kSuspendMembership, name.organization, storage::CallingUser(call), name.user,
                     name.email_key, storage::GatesFor(kMembersWrite),
                     RevisionToDecideBy(call, change.revision), storage::Origin(call)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  co_return ReadChange(call, answers, change.revision);
}

}  // namespace usher::directory
