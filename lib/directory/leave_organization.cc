#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/membership_change.h"
#include "directory/rows.h"
#include "model/refusal.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

constexpr pg::Statement kLeaveOrganization{"directory.leave_organization", R"sql(
  WITH former AS (
    SELECT m.user_id, )sql" USHER_LAST_SUPER_USER R"sql( AS last
    FROM usher.memberships m WHERE m.organization_id = $1 AND m.user_id = $2
  ), ended AS (
    DELETE FROM usher.memberships m USING former
    WHERE m.organization_id = $1 AND m.user_id = $2 AND NOT former.last
    RETURNING m.organization_id, m.user_id, )sql" USHER_MEMBERSHIP_JSON R"sql( AS json
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              create_time)
    SELECT $1, 'membership.left', user_id, $2, $3::jsonb, json, usher.now() FROM ended
  ), )sql" USHER_CANCEL_INVITATIONS_OF("ended", "$2", "$3") R"sql(, answer AS (
    SELECT pg_current_xact_id()::text FROM ended
  ), kept AS ()sql" USHER_KEEP_ANSWER("$4", "true") R"sql()
  TABLE answer)sql"};

}  // namespace

async::Task<absl::StatusOr<std::string>> Directory::LeaveOrganization(
    const model::Call& call, model::OrganizationId organization) {
  const auto self = storage::CallingUser(call);
  const MembershipName own{organization, self, std::nullopt};
  pg::Batch batch = BeginChange(call, own);
  batch.Add(pg::Bind(kLeaveOrganization, organization, self, storage::Origin(call)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  if (!answers.back().empty()) co_return answers.back()[0].Get<std::string>(0);
  const pg::Row former = answers[1][0];
  if (former.Get<bool>(1)) co_return LastSuperUser();
  co_return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kOrganizationNotFound,
                          "There is no such organization.");
}

}  // namespace usher::directory
