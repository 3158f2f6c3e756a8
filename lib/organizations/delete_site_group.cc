#include <utility>

#include "async/try.h"
#include "model/refusals.h"
#include "organizations/locks.h"
#include "organizations/organizations.h"
#include "organizations/refusals.h"
#include "organizations/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "site_groups.write";

// Locked first, as in DeleteSite.
constexpr pg::Statement kDeleteSiteGroup{
    "organizations.delete_site_group",
    R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT site_group.id, site_group.revision, )sql" USHER_SITE_GROUP_JSON
    R"sql( || jsonb_build_object('site_ids', )sql" USHER_SITES_OF_GROUP R"sql() AS json
    FROM gate, usher.site_groups site_group
    WHERE site_group.organization_id = $1 AND site_group.id = $4 AND role = ANY ($3)
  ), used AS (
    SELECT (SELECT count(*) FROM usher.memberships m
            WHERE m.organization_id = $1 AND m.site_group_ids @> ARRAY[$4]
              AND )sql" USHER_LASTING_MEMBER R"sql() AS memberships,
           (SELECT count(*) FROM usher.invitations i
            WHERE i.organization_id = $1 AND i.site_group_ids @> ARRAY[$4]
              AND )sql" USHER_PENDING R"sql() AS invitations
  ), deleted AS (
    DELETE FROM usher.site_groups g USING found, used
    WHERE g.organization_id = $1 AND g.id = found.id
      AND ($5::bigint IS NULL OR found.revision = $5) AND memberships = 0 AND invitations = 0
    RETURNING g.id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              create_time)
    SELECT $1, 'site_group.deleted', deleted.id, $2, $6::jsonb, found.json, usher.now()
    FROM deleted, found
  ), answer AS (
    SELECT gate.role, found.revision, memberships, invitations,
           CASE WHEN deleted.id IS NOT NULL THEN pg_current_xact_id()::text END AS position
    FROM gate CROSS JOIN used LEFT JOIN found ON true LEFT JOIN deleted ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$7", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotDeleted(const pg::Row& row, std::optional<int64_t> revision, bool every) {
  auto status = storage::CheckGate(row.Get<storage::Gate>(0), kPermission);
  if (!status.ok()) return status;
  const auto found = row.Get<std::optional<int64_t>>(1);
  if (!found) return NoSuchSiteGroup();
  model::Refusals refusals(every);
  if (revision && *revision != *found) refusals.Add(ChangedSince("site group"));
  refusals.Add(InUse("site group",
                     {{"memberships", row.Get<int64_t>(2)}, {"invitations", row.Get<int64_t>(3)}}));
  return refusals.ToStatus();
}

}  // namespace

async::Task<absl::StatusOr<std::string>> Organizations::DeleteSiteGroup(
    const model::Call& call, SiteGroupDeletion deletion) {
  pg::Batch batch(call.deadline);
  batch.Add(LockSiteGroup(deletion.organization, deletion.site_group));
  batch.Add(pg::Bind(kDeleteSiteGroup, deletion.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), deletion.site_group, deletion.revision,
                     storage::Origin(call)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  const auto position = row.Get<std::optional<std::string>>(4);
  if (!position) co_return NotDeleted(row, deletion.revision, call.validate_only);
  co_return *position;
}

}  // namespace usher::organizations
