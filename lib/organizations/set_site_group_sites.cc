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

// LockSiteGroup comes first; otherwise two callers at once would leave the union of their sets.
constexpr pg::Statement kSetSiteGroupSites{"organizations.set_site_group_sites", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  known AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($5) FOR KEY SHARE
  ), asked AS (
    SELECT ARRAY(SELECT unnest($5::uuid[]) EXCEPT SELECT id FROM known) AS unknown,
           ARRAY(SELECT id FROM known ORDER BY id) AS site_ids
  ), found AS (
    SELECT )sql" USHER_SITE_GROUP_COLUMNS ", " USHER_SITES_OF_GROUP R"sql( AS site_ids
    FROM gate, usher.site_groups site_group
    WHERE site_group.organization_id = $1 AND site_group.id = $4 AND role = ANY ($3)
  ), changed AS (
    UPDATE usher.site_groups AS site_group
    SET revision = site_group.revision + 1, update_time = usher.now()
    FROM found, asked
    WHERE site_group.organization_id = $1 AND site_group.id = found.id AND unknown = '{}'
      AND ($6::bigint IS NULL OR found.revision = $6) AND found.site_ids <> asked.site_ids
    RETURNING )sql" USHER_SITE_GROUP_COLUMNS R"sql(
  ), removed AS (
    DELETE FROM usher.site_group_sites m USING changed
    WHERE m.organization_id = $1 AND m.site_group_id = $4 AND m.site_id <> ALL ($5)
  ), added AS (
    INSERT INTO usher.site_group_sites (organization_id, site_group_id, site_id)
    SELECT $1, changed.id, known.id FROM changed, known
    ON CONFLICT DO NOTHING
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'site_group.sites_changed', changed.id, $2, $7::jsonb,
           jsonb_build_object('site_ids', found.site_ids),
           jsonb_build_object('site_ids', asked.site_ids), usher.now()
    FROM changed, found, asked
  ), site_group AS (
    SELECT )sql" USHER_SITE_GROUP_COLUMNS R"sql( FROM changed site_group
    UNION ALL
    SELECT )sql" USHER_SITE_GROUP_COLUMNS R"sql( FROM found site_group, asked
    WHERE unknown = '{}' AND ($6 IS NULL OR revision = $6) AND site_group.site_ids = asked.site_ids
  ), answer AS (
    SELECT gate.role, asked.unknown, found.revision AS found_revision,
           CASE WHEN site_group.id IS NOT NULL THEN pg_current_xact_id()::text END AS position,
           asked.site_ids, )sql" USHER_SITE_GROUP_COLUMNS R"sql(
    FROM gate CROSS JOIN asked LEFT JOIN found ON true LEFT JOIN site_group ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$8", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotChanged(const pg::Row& row, const SiteGroupSites& change, bool every) {
  auto status = storage::CheckGate(row.Get<storage::Gate>(0), kPermission);
  if (!status.ok()) return status;
  const auto revision = row.Get<std::optional<int64_t>>(2);
  if (!revision) return NoSuchSiteGroup();
  model::Refusals refusals(every);
  refusals.Add(UnknownSites("site_ids", change.sites, row.Get<std::vector<model::SiteId>>(1)));
  if (change.revision && *change.revision != *revision) refusals.Add(ChangedSince("site group"));
  return refusals.ToStatus();
}

}  // namespace

async::Task<absl::StatusOr<Changed<SiteGroup>>> Organizations::SetSiteGroupSites(
    const model::Call& call, SiteGroupSites change) {
  pg::Batch batch(call.deadline);
  batch.Add(LockSiteGroup(change.organization, change.site_group));
  batch.Add(pg::Bind(kSetSiteGroupSites, change.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), change.site_group, change.sites,
                     change.revision, storage::Origin(call)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  const auto position = row.Get<std::optional<std::string>>(3);
  if (!position) co_return NotChanged(row, change, call.validate_only);
  auto sites = row.Get<std::vector<model::SiteId>>(4);
  co_return Changed<SiteGroup>{ReadSiteGroup(row, 5, std::move(sites)), *position};
}

}  // namespace usher::organizations
