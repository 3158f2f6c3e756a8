#include "async/try.h"
#include "model/refusal.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "site_groups.write";

// First, so that the next statement's snapshot has what an earlier holder of the lock committed;
// otherwise two callers at once would leave the union of their sets.
constexpr pg::Statement kLockSiteGroup{"organizations.lock_site_group", R"sql(
  SELECT revision FROM usher.site_groups WHERE organization_id = $1 AND id = $2 FOR UPDATE)sql"};

constexpr pg::Statement kSetSiteGroupSites{"organizations.set_site_group_sites", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  known AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($5) FOR KEY SHARE
  ), asked AS (
    SELECT ARRAY(SELECT unnest($5::uuid[]) EXCEPT SELECT id FROM known) AS unknown
  ), former AS (
    SELECT array_agg(site_id) AS site_ids FROM usher.site_group_sites
    WHERE organization_id = $1 AND site_group_id = $4
  ), site_group AS (
    UPDATE usher.site_groups g SET revision = g.revision + 1, update_time = usher.now()
    FROM gate, asked
    WHERE g.organization_id = $1 AND g.id = $4 AND role = ANY ($3) AND unknown = '{}'
      AND ($6::bigint IS NULL OR g.revision = $6)
    RETURNING g.organization_id, g.id, g.name, g.description, g.revision, g.create_time,
              g.update_time
  ), removed AS (
    DELETE FROM usher.site_group_sites m USING site_group
    WHERE m.organization_id = $1 AND m.site_group_id = $4 AND m.site_id <> ALL ($5)
  ), added AS (
    INSERT INTO usher.site_group_sites (organization_id, site_group_id, site_id)
    SELECT $1, site_group.id, known.id FROM site_group, known
    ON CONFLICT DO NOTHING
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT organization_id, 'site_group.sites_changed', id, $2, $7::jsonb,
           jsonb_build_object('site_ids', former.site_ids),
           jsonb_build_object('site_ids', $5::uuid[]), usher.now()
    FROM site_group, former
  )
  SELECT gate.role, asked.unknown,
         CASE WHEN site_group.id IS NOT NULL THEN pg_current_xact_id()::text END, )sql" USHER_SITE_GROUP_COLUMNS
                                                                                 R"sql(
  FROM gate CROSS JOIN asked LEFT JOIN site_group ON true)sql"};

absl::Status NotChanged(bool exists) {
  if (exists) {
    return model::Refuse(absl::StatusCode::kAborted, model::Reason::kEtagMismatch,
                         "The site group was changed since it was read; read it again.");
  }
  return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kSiteGroupNotFound,
                       "The organization has no such site group.");
}

}  // namespace

async::Task<absl::StatusOr<Changed<SiteGroup>>> Organizations::SetSiteGroupSites(
    const model::Call& call, SiteGroupSites change) {
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kLockSiteGroup, change.organization, change.site_group));
  batch.Add(pg::Bind(kSetSiteGroupSites, change.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), change.site_group, change.sites,
                     change.revision, storage::Origin(call)));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  const pg::Row row = answers[1][0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  CO_CHECK(UnknownSites("site_ids", change.sites, row.Get<std::vector<model::SiteId>>(1)));
  const auto position = row.Get<std::optional<std::string>>(2);
  if (!position) co_return NotChanged(/*exists=*/!answers[0].empty());
  co_return Changed<SiteGroup>{ReadSiteGroup(row, 3, std::move(change.sites)), *position};
}

}  // namespace usher::organizations
