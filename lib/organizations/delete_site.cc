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

constexpr std::string_view kPermission = "sites.write";

// The lock of LockSite comes first: whoever names the site holds one that excludes it, so `used`
// sees all who came before, and who comes after no longer finds the site.
constexpr pg::Statement kDeleteSite{"organizations.delete_site", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT site.id, site.revision, )sql" USHER_SITE_JSON R"sql( AS json
    FROM gate, usher.sites site
    WHERE site.organization_id = $1 AND site.id = $4 AND role = ANY ($3)
  ), used AS (
    SELECT (SELECT count(*) FROM usher.memberships m
            WHERE m.organization_id = $1 AND m.site_ids @> ARRAY[$4] AND )sql" USHER_LASTING_MEMBER
                                                                 R"sql() AS memberships,
           (SELECT count(*) FROM usher.invitations i
            WHERE i.organization_id = $1 AND i.site_ids @> ARRAY[$4] AND )sql" USHER_PENDING
                                                                 R"sql() AS invitations,
           (SELECT count(*) FROM usher.site_group_sites g
            WHERE g.organization_id = $1 AND g.site_id = $4) AS site_groups
  ), deleted AS (
    DELETE FROM usher.sites s USING found, used
    WHERE s.organization_id = $1 AND s.id = found.id
      AND ($5::bigint IS NULL OR found.revision = $5)
      AND memberships = 0 AND invitations = 0 AND site_groups = 0
    RETURNING s.id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              create_time)
    SELECT $1, 'site.deleted', deleted.id, $2, $6::jsonb, found.json, usher.now()
    FROM deleted, found
  ), answer AS (
    SELECT gate.role, found.revision, memberships, invitations, site_groups,
           CASE WHEN deleted.id IS NOT NULL THEN pg_current_xact_id()::text END AS position
    FROM gate CROSS JOIN used LEFT JOIN found ON true LEFT JOIN deleted ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$7", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotDeleted(const pg::Row& row, std::optional<int64_t> revision, bool every) {
  auto status = storage::CheckGate(row.Get<storage::Gate>(0), kPermission);
  if (!status.ok()) return status;
  const auto found = row.Get<std::optional<int64_t>>(1);
  if (!found) return NoSuchSite();
  model::Refusals refusals(every);
  if (revision && *revision != *found) refusals.Add(ChangedSince("site"));
  refusals.Add(InUse("site", {{"memberships", row.Get<int64_t>(2)},
                              {"invitations", row.Get<int64_t>(3)},
                              {"site_groups", row.Get<int64_t>(4)}}));
  return refusals.ToStatus();
}

}  // namespace

async::Task<absl::StatusOr<std::string>> Organizations::DeleteSite(const model::Call& call,
                                                                   SiteDeletion deletion) {
  pg::Batch batch(call.deadline);
  batch.Add(LockSite(deletion.organization, deletion.site));
  batch.Add(pg::Bind(kDeleteSite, deletion.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), deletion.site, deletion.revision,
                     storage::Origin(call)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  const auto position = row.Get<std::optional<std::string>>(5);
  if (!position) co_return NotDeleted(row, deletion.revision, call.validate_only);
  co_return *position;
}

}  // namespace usher::organizations
