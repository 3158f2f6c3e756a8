#include "async/try.h"
#include "organizations/organizations.h"
#include "organizations/refusals.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "site_groups.read";

constexpr pg::Statement kGetSiteGroup{"organizations.get_site_group",
                                      R"sql(
  SELECT role, site_group.id IS NOT NULL, )sql" USHER_SITES_OF_GROUP ", " USHER_SITE_GROUP_COLUMNS
                                      R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.site_groups site_group ON site_group.organization_id = $1 AND site_group.id = $5
    AND )sql" USHER_SEES_SITE_GROUP,
                                      /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<SiteGroup>> Organizations::GetSiteGroup(
    const model::Call& call, model::OrganizationId organization, model::SiteGroupId site_group) {
  auto get =
      pg::Bind(kGetSiteGroup, organization, storage::CallingUser(call),
               storage::GatesFor(kPermission), storage::SiteGatesFor(kPermission), site_group);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(get)));
  CO_CHECK(storage::CheckSiteGate(rows[0].Get<storage::Gate>(0), kPermission));
  if (!rows[0].Get<bool>(1)) co_return NoSuchSiteGroup();
  co_return ReadSiteGroup(rows[0], 3, rows[0].Get<std::vector<model::SiteId>>(2));
}

}  // namespace usher::organizations
