#include <utility>

#include "async/try.h"
#include "model/text.h"
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

// `wanted` is the row as it shall be; nothing is written, and no event, if it is so already.
constexpr pg::Statement kUpdateSiteGroup{
    "organizations.update_site_group",
    R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT site_group.id, site_group.name, site_group.name_key, site_group.description,
           site_group.revision, )sql" USHER_SITE_GROUP_JSON R"sql( AS before
    FROM gate, usher.site_groups site_group
    WHERE site_group.organization_id = $1 AND site_group.id = $4 AND role = ANY ($3)
  ), wanted AS (
    SELECT site_group.id, site_group.name, site_group.name_key, site_group.description,
           site_group.before, )sql" USHER_SITE_GROUP_JSON R"sql( AS after
    FROM (SELECT id, coalesce($7, name) AS name, coalesce($8, name_key) AS name_key,
                 coalesce($9, description) AS description, before
          FROM found WHERE $5::bigint IS NULL OR revision = $5) site_group
  ), changed AS (
    UPDATE usher.site_groups AS site_group
    SET name = w.name, name_key = w.name_key, description = w.description,
        revision = site_group.revision + 1, update_time = usher.now()
    FROM wanted w
    WHERE site_group.organization_id = $1 AND site_group.id = w.id AND w.before <> w.after
    RETURNING )sql" USHER_SITE_GROUP_COLUMNS R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'site_group.updated', w.id, $2, $6::jsonb, )sql" USHER_WHAT_DIFFERS(
        "w.before", "w.after") R"sql(, )sql" USHER_WHAT_DIFFERS("w.after",
                                                                "w.before") R"sql(, usher.now()
    FROM wanted w, changed
  ), site_group AS (
    SELECT )sql" USHER_SITE_GROUP_COLUMNS R"sql( FROM changed site_group
    UNION ALL
    SELECT )sql" USHER_SITE_GROUP_COLUMNS R"sql( FROM usher.site_groups site_group, wanted w
    WHERE site_group.organization_id = $1 AND site_group.id = w.id AND w.before = w.after
  ), answer AS (
    SELECT gate.role, found.revision AS found_revision,
           CASE WHEN site_group.id IS NOT NULL THEN pg_current_xact_id()::text END AS position,
           )sql" USHER_SITES_OF_GROUP R"sql( AS site_ids, )sql" USHER_SITE_GROUP_COLUMNS R"sql(
    FROM gate LEFT JOIN found ON true LEFT JOIN site_group ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$10", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotUpdated(const pg::Row& row) {
  auto status = storage::CheckGate(row.Get<storage::Gate>(0), kPermission);
  if (!status.ok()) return status;
  return row.IsNull(1) ? NoSuchSiteGroup() : ChangedSince("site group");
}

}  // namespace

async::Task<absl::StatusOr<Changed<SiteGroup>>> Organizations::UpdateSiteGroup(
    const model::Call& call, SiteGroupUpdate update) {
  std::optional<std::string> name_key;
  if (update.name) name_key = model::NameKey(*update.name);
  pg::Batch batch(call.deadline);
  batch.Add(LockSiteGroup(update.organization, update.site_group));
  batch.Add(pg::Bind(kUpdateSiteGroup, update.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), update.site_group, update.revision,
                     storage::Origin(call), update.name, name_key, update.description));
  const auto answers = co_await storage::Change(db_, call, std::move(batch));
  if (!answers.ok()) co_return NameTaken(answers.status());
  const pg::Row row = answers->back()[0];
  const auto position = row.Get<std::optional<std::string>>(2);
  if (!position) co_return NotUpdated(row);
  auto sites = row.Get<std::vector<model::SiteId>>(3);
  co_return Changed<SiteGroup>{ReadSiteGroup(row, 4, std::move(sites)), *position};
}

}  // namespace usher::organizations
