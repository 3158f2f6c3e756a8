#include "async/try.h"
#include "model/refusals.h"
#include "model/text.h"
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

constexpr pg::Statement kCreateSiteGroup{"organizations.create_site_group", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  known AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($8) FOR KEY SHARE
  ), asked AS (
    SELECT ARRAY(SELECT unnest($8::uuid[]) EXCEPT SELECT id FROM known) AS unknown
  ), site_group AS (
    INSERT INTO usher.site_groups (organization_id, id, name, name_key, description,
                                   create_time, update_time)
    SELECT $1, $4, $5, $6, $7, usher.now(), usher.now()
    FROM gate, asked WHERE role = ANY ($3) AND unknown = '{}'
    ON CONFLICT (organization_id, name_key) DO NOTHING
    RETURNING organization_id, id, name, description, revision, create_time, update_time
  ), member AS (
    INSERT INTO usher.site_group_sites (organization_id, site_group_id, site_id)
    SELECT $1, site_group.id, known.id FROM site_group, known
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, after,
                              create_time)
    SELECT organization_id, 'site_group.created', id, $2, $9::jsonb,
           )sql" USHER_SITE_GROUP_JSON R"sql( || jsonb_build_object('site_ids', $8::uuid[]),
           usher.now()
    FROM site_group
  ), answer AS (
    SELECT gate.role, asked.unknown,
           CASE WHEN site_group.id IS NOT NULL THEN pg_current_xact_id()::text END AS position,
           ARRAY(SELECT id FROM known ORDER BY id) AS site_ids,
           EXISTS (SELECT FROM usher.site_groups g
                   WHERE g.organization_id = $1 AND g.name_key = $6) AS taken,
           )sql" USHER_SITE_GROUP_COLUMNS
                                                                            R"sql(
    FROM gate CROSS JOIN asked LEFT JOIN site_group ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$10", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotCreated(const pg::Row& row, const NewSiteGroup& draft, bool every) {
  const auto unknown = row.Get<std::vector<model::SiteId>>(1);
  model::Refusals refusals(every);
  refusals.Add(UnknownSites("site_group.site_ids", draft.sites, unknown));
  // Or another took the name meanwhile.
  if (row.Get<bool>(4) || unknown.empty()) refusals.Add(SiteGroupExists());
  return refusals.ToStatus();
}

}  // namespace

async::Task<absl::StatusOr<Changed<SiteGroup>>> Organizations::CreateSiteGroup(
    const model::Call& call, NewSiteGroup draft) {
  const model::SiteGroupId id(ids_.Next());
  auto create = pg::Bind(kCreateSiteGroup, draft.organization, storage::CallingUser(call),
                         storage::GatesFor(kPermission), id, draft.name, model::NameKey(draft.name),
                         draft.description, draft.sites, storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(create));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  const auto position = row.Get<std::optional<std::string>>(2);
  if (!position) co_return NotCreated(row, draft, call.validate_only);
  auto sites = row.Get<std::vector<model::SiteId>>(3);
  co_return Changed<SiteGroup>{ReadSiteGroup(row, 5, std::move(sites)), *position};
}

}  // namespace usher::organizations
