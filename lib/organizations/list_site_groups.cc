#include <utility>

#include "async/try.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "site_groups.read";

constexpr pg::Statement kGate{"organizations.list_site_groups_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};
constexpr pg::Statement kListSiteGroups{"organizations.list_site_groups", R"sql(
  SELECT site_group.name_key, )sql" USHER_SITES_OF_GROUP ", " USHER_SITE_GROUP_COLUMNS R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  JOIN usher.site_groups site_group ON site_group.organization_id = $1
    AND )sql" USHER_SEES_SITE_GROUP R"sql(
  WHERE ($5::uuid IS NULL OR EXISTS (
      SELECT FROM usher.site_group_sites g
      WHERE g.organization_id = $1 AND g.site_group_id = site_group.id AND g.site_id = $5))
    AND ($6::text IS NULL OR site_group.name_key > $6)
  ORDER BY site_group.name_key LIMIT $7)sql",
                                        /*read_only=*/true};

SiteGroup ReadListed(const pg::Row& row) {
  return ReadSiteGroup(row, 2, row.Get<std::vector<model::SiteId>>(1));
}

}  // namespace

async::Task<absl::StatusOr<NamePage<SiteGroup>>> Organizations::ListSiteGroups(
    const model::Call& call, SiteGroupsQuery query) {
  const auto caller = storage::CallingUser(call);
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.organization, caller));
  batch.Add(pg::Bind(kListSiteGroups, query.organization, caller, storage::GatesFor(kPermission),
                     storage::SiteGatesFor(kPermission), query.site, query.paging.after,
                     int64_t{query.paging.page_size} + 1));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_CHECK(storage::CheckSiteGate(answers[0][0].Get<storage::Gate>(0), kPermission));
  co_return ReadPage<SiteGroup>(answers[1], query.paging, ReadListed);
}

}  // namespace usher::organizations
