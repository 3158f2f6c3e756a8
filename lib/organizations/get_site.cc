#include "async/try.h"
#include "organizations/organizations.h"
#include "organizations/refusals.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "sites.read";

constexpr pg::Statement kGetSite{"organizations.get_site", R"sql(
  SELECT role, site.id IS NOT NULL, )sql" USHER_SITE_COLUMNS R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.sites site ON site.organization_id = $1 AND site.id = $5
    AND )sql" USHER_SEES_SITE,
                                 /*read_only=*/true, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<Site>> Organizations::GetSite(const model::Call& call,
                                                         model::OrganizationId organization,
                                                         model::SiteId site) {
  auto get = pg::Bind(kGetSite, organization, storage::CallingUser(call),
                      storage::GatesFor(kPermission), storage::SiteGatesFor(kPermission), site);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(get)));
  CO_CHECK(storage::CheckSiteGate(rows[0].Get<storage::Gate>(0), kPermission));
  if (!rows[0].Get<bool>(1)) co_return NoSuchSite();
  co_return ReadSite(rows[0], 2);
}

}  // namespace usher::organizations
