#include <utility>

#include "async/try.h"
#include "organizations/list_orders.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "sites.read";

constexpr pg::Statement kGate{"organizations.list_sites_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};

// The sites that the caller may see, $5 of a group, $6 with a text.
#define USHER_LISTED_SITES                                                           \
  " FROM (SELECT " USHER_CALLER_ROLE                                                 \
  " AS role) gate"                                                                   \
  " JOIN usher.sites site ON site.organization_id = $1 AND " USHER_SEES_SITE         \
  " WHERE ($5::uuid IS NULL OR EXISTS (SELECT FROM usher.site_group_sites g"         \
  " WHERE g.organization_id = $1 AND g.site_group_id = $5 AND g.site_id = site.id))" \
  " AND ($6 = '' OR site.search LIKE lower($6 COLLATE \"und-x-icu\"))"
#define USHER_LIST_SITES(column, type, comparison, direction)                                 \
  "SELECT " USHER_LIST_PLACE("site", column)                                                  \
      USHER_SITE_COLUMNS USHER_LISTED_SITES USHER_LIST_PAGE("site", column, type, comparison, \
                                                            direction, "$7", "$8", "$9")

constexpr ListStatements kListSites USHER_LIST_ORDERS("organizations.list_sites", USHER_LIST_SITES);
constexpr pg::Statement kCountSites{"organizations.count_sites",
                                    "SELECT count(*)" USHER_LISTED_SITES, /*read_only=*/true};

Site ReadListed(const pg::Row& row) { return ReadSite(row, 2); }

}  // namespace

async::Task<absl::StatusOr<Page<Site>>> Organizations::ListSites(const model::Call& call,
                                                                 SitesQuery query) {
  const Paging& paging = query.paging;
  const auto caller = storage::CallingUser(call);
  const auto gates = storage::GatesFor(kPermission);
  const auto site_gates = storage::SiteGatesFor(kPermission);
  const std::string pattern = Anywhere(query.search);
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.organization, caller));
  batch.Add(pg::Bind(StatementOf(kListSites, paging.order), query.organization, caller, gates,
                     site_gates, query.site_group, pattern, KeyOf(paging.after), IdOf(paging.after),
                     int64_t{paging.page_size} + 1));
  if (paging.count) {
    batch.Add(pg::Bind(kCountSites, query.organization, caller, gates, site_gates, query.site_group,
                       pattern));
  }
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_CHECK(storage::CheckSiteGate(answers[0][0].Get<storage::Gate>(0), kPermission));
  auto page = ReadPage<Site>(answers[1], paging, ReadListed);
  if (paging.count) page.total = answers[2][0].Get<int64_t>(0);
  co_return page;
}

}  // namespace usher::organizations
