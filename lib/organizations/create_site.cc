#include "async/try.h"
#include "model/text.h"
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

constexpr std::string_view kPermission = "sites.write";

constexpr pg::Statement kCreateSite{"organizations.create_site", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  site AS (
    INSERT INTO usher.sites AS site (organization_id, id, name, name_key, description, address,
                             labels, create_time, update_time)
    SELECT $1, $4, $5, $6, $7, $9, $10::jsonb, usher.now(), usher.now() FROM gate WHERE role = ANY ($3)
    ON CONFLICT (organization_id, name_key) DO NOTHING
    RETURNING )sql" USHER_SITE_STORED R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, after,
                              create_time)
    SELECT organization_id, 'site.created', id, $2, $8::jsonb, )sql" USHER_SITE_JSON R"sql(,
           usher.now()
    FROM site
  ), answer AS (
    SELECT gate.role, CASE WHEN site.id IS NOT NULL THEN pg_current_xact_id()::text END AS position,
           )sql" USHER_SITE_COLUMNS R"sql(
    FROM gate LEFT JOIN site ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$11", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

}  // namespace

async::Task<absl::StatusOr<Changed<Site>>> Organizations::CreateSite(const model::Call& call,
                                                                     NewSite draft) {
  const model::SiteId id(ids_.Next());
  auto create = pg::Bind(kCreateSite, draft.organization, storage::CallingUser(call),
                         storage::GatesFor(kPermission), id, draft.name, model::NameKey(draft.name),
                         draft.description, storage::Origin(call), draft.address,
                         storage::ToJson(draft.labels));
  pg::Batch batch(call.deadline, std::move(create));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  const auto position = row.Get<std::optional<std::string>>(1);
  if (!position) co_return SiteExists();
  co_return Changed<Site>{ReadSite(row, 2), *position};
}

}  // namespace usher::organizations
