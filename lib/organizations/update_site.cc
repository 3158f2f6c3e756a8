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
#include "storage/json.h"
#include "storage/origin.h"

namespace usher::organizations {
namespace {

// For all but the name; enough inside the caller's site access.
constexpr std::string_view kDescribe = "sites.describe";
constexpr std::string_view kName = "sites.write";

// `wanted` is the row as it shall be; nothing is written, and no event, if it is so already.
constexpr pg::Statement kUpdateSite{
    "organizations.update_site",
    R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT site.id, site.name, site.name_key, site.description, site.address, site.labels,
           site.revision, )sql" USHER_SITE_JSON R"sql( AS before
    FROM gate, usher.sites site
    WHERE site.organization_id = $1 AND site.id = $5 AND )sql" USHER_SEES_SITE R"sql(
  ), wanted AS (
    SELECT site.id, site.name, site.name_key, site.description, site.address, site.labels,
           site.before, )sql" USHER_SITE_JSON R"sql( AS after
    FROM (SELECT id, coalesce($9, name) AS name, coalesce($10, name_key) AS name_key,
                 coalesce($11, description) AS description, coalesce($12, address) AS address,
                 coalesce($13::jsonb, labels) AS labels, before
          FROM found, gate
          WHERE ($7::bigint IS NULL OR revision = $7)
            AND ($9::text IS NULL OR role = ANY ($6))) site
  ), changed AS (
    UPDATE usher.sites AS site
    SET name = w.name, name_key = w.name_key, description = w.description, address = w.address,
        labels = w.labels, revision = site.revision + 1, update_time = usher.now()
    FROM wanted w
    WHERE site.organization_id = $1 AND site.id = w.id AND w.before <> w.after
    RETURNING )sql" USHER_SITE_STORED R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'site.updated', w.id, $2, $8::jsonb, )sql" USHER_WHAT_DIFFERS(
        "w.before", "w.after") R"sql(, )sql" USHER_WHAT_DIFFERS("w.after",
                                                                "w.before") R"sql(, usher.now()
    FROM wanted w, changed
  ), site AS (
    SELECT )sql" USHER_SITE_STORED R"sql( FROM changed site
    UNION ALL
    SELECT )sql" USHER_SITE_STORED R"sql( FROM usher.sites site, wanted w
    WHERE site.organization_id = $1 AND site.id = w.id AND w.before = w.after
  ), answer AS (
    SELECT gate.role, found.revision AS found_revision,
           CASE WHEN site.id IS NOT NULL THEN pg_current_xact_id()::text END AS position, )sql" USHER_SITE_COLUMNS
                                                                            R"sql(
    FROM gate LEFT JOIN found ON true LEFT JOIN site ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$14", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotUpdated(const pg::Row& row, const SiteUpdate& update) {
  const auto gate = row.Get<storage::Gate>(0);
  if (auto status = storage::CheckSiteGate(gate, kDescribe); !status.ok()) return status;
  if (row.IsNull(1)) return NoSuchSite();
  if (update.name) {
    if (auto status = storage::CheckGate(gate, kName); !status.ok()) return status;
  }
  return ChangedSince("site");
}

}  // namespace

async::Task<absl::StatusOr<Changed<Site>>> Organizations::UpdateSite(const model::Call& call,
                                                                     SiteUpdate update) {
  std::optional<std::string> name_key, labels;
  if (update.name) name_key = model::NameKey(*update.name);
  if (update.labels) labels = storage::ToJson(*update.labels);
  pg::Batch batch(call.deadline);
  batch.Add(LockSite(update.organization, update.site));
  batch.Add(pg::Bind(kUpdateSite, update.organization, storage::CallingUser(call),
                     storage::GatesFor(kDescribe), storage::SiteGatesFor(kDescribe), update.site,
                     storage::GatesFor(kName), update.revision, storage::Origin(call), update.name,
                     name_key, update.description, update.address, labels));
  const auto answers = co_await storage::Change(db_, call, std::move(batch));
  if (!answers.ok()) co_return NameTaken(answers.status());
  const pg::Row row = answers->back()[0];
  const auto position = row.Get<std::optional<std::string>>(2);
  if (!position) co_return NotUpdated(row, update);
  co_return Changed<Site>{ReadSite(row, 3), *position};
}

}  // namespace usher::organizations
