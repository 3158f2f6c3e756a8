#include <utility>

#include "async/try.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "sites.read";

constexpr pg::Statement kGate{"organizations.list_sites_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};
constexpr pg::Statement kListSites{"organizations.list_sites", R"sql(
  SELECT site.name_key, )sql" USHER_SITE_COLUMNS R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  JOIN usher.sites site ON site.organization_id = $1 AND )sql" USHER_SEES_SITE R"sql(
  WHERE ($5::uuid IS NULL OR EXISTS (
      SELECT FROM usher.site_group_sites g
      WHERE g.organization_id = $1 AND g.site_group_id = $5 AND g.site_id = site.id))
    AND ($6::text IS NULL OR site.name_key > $6)
  ORDER BY site.name_key LIMIT $7)sql",
                                   /*read_only=*/true};

Site ReadListed(const pg::Row& row) { return ReadSite(row, 1); }

}  // namespace

async::Task<absl::StatusOr<NamePage<Site>>> Organizations::ListSites(const model::Call& call,
                                                                     SitesQuery query) {
  const auto caller = storage::CallingUser(call);
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.organization, caller));
  batch.Add(pg::Bind(kListSites, query.organization, caller, storage::GatesFor(kPermission),
                     storage::SiteGatesFor(kPermission), query.site_group, query.paging.after,
                     int64_t{query.paging.page_size} + 1));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_CHECK(storage::CheckSiteGate(answers[0][0].Get<storage::Gate>(0), kPermission));
  co_return ReadPage<Site>(answers[1], query.paging, ReadListed);
}

}  // namespace usher::organizations
