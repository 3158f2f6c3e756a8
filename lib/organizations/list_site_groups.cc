#include <utility>

#include "async/try.h"
#include "organizations/list_orders.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "site_groups.read";

constexpr pg::Statement kGate{"organizations.list_site_groups_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};

// The groups that the caller may see, $5 with a site, $6 with a text.
#define USHER_LISTED_GROUPS                                                                \
  " FROM (SELECT " USHER_CALLER_ROLE                                                       \
  " AS role) gate"                                                                         \
  " JOIN usher.site_groups site_group ON site_group.organization_id = $1"                  \
  " AND " USHER_SEES_SITE_GROUP                                                            \
  " WHERE ($5::uuid IS NULL OR EXISTS (SELECT FROM usher.site_group_sites g"               \
  " WHERE g.organization_id = $1 AND g.site_group_id = site_group.id AND g.site_id = $5))" \
  " AND ($6 = '' OR site_group.search LIKE lower($6 COLLATE \"und-x-icu\"))"
#define USHER_LIST_GROUPS(column, type, comparison, direction)           \
  "SELECT " USHER_LIST_PLACE("site_group", column) USHER_SITES_OF_GROUP  \
      ", " USHER_SITE_GROUP_COLUMNS USHER_LISTED_GROUPS USHER_LIST_PAGE( \
          "site_group", column, type, comparison, direction, "$7", "$8", "$9")

constexpr ListStatements kListSiteGroups USHER_LIST_ORDERS("organizations.list_site_groups",
                                                           USHER_LIST_GROUPS);
constexpr pg::Statement kCountSiteGroups{"organizations.count_site_groups",
                                         "SELECT count(*)" USHER_LISTED_GROUPS,
                                         /*read_only=*/true};

SiteGroup ReadListed(const pg::Row& row) {
  return ReadSiteGroup(row, 3, row.Get<std::vector<model::SiteId>>(2));
}

}  // namespace

async::Task<absl::StatusOr<Page<SiteGroup>>> Organizations::ListSiteGroups(const model::Call& call,
                                                                           SiteGroupsQuery query) {
  const Paging& paging = query.paging;
  const auto caller = storage::CallingUser(call);
  const auto gates = storage::GatesFor(kPermission);
  const auto site_gates = storage::SiteGatesFor(kPermission);
  const std::string pattern = Anywhere(query.search);
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.organization, caller));
  batch.Add(pg::Bind(StatementOf(kListSiteGroups, paging.order), query.organization, caller, gates,
                     site_gates, query.site, pattern, KeyOf(paging.after), IdOf(paging.after),
                     int64_t{paging.page_size} + 1));
  if (paging.count) {
    batch.Add(pg::Bind(kCountSiteGroups, query.organization, caller, gates, site_gates, query.site,
                       pattern));
  }
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_CHECK(storage::CheckSiteGate(answers[0][0].Get<storage::Gate>(0), kPermission));
  auto page = ReadPage<SiteGroup>(answers[1], paging, ReadListed);
  if (paging.count) page.total = answers[2][0].Get<int64_t>(0);
  co_return page;
}

}  // namespace usher::organizations
