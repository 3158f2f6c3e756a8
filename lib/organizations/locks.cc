#include "organizations/locks.h"

#include "storage/codecs.h"

namespace usher::organizations {
namespace {

constexpr pg::Statement kLockOrganization{"organizations.lock", R"sql(
  SELECT FROM usher.organizations WHERE id = $1 FOR UPDATE)sql"};

constexpr pg::Statement kLockSite{"organizations.lock_site", R"sql(
  SELECT FROM usher.sites WHERE organization_id = $1 AND id = $2 FOR UPDATE)sql"};

constexpr pg::Statement kLockSiteGroup{"organizations.lock_site_group", R"sql(
  SELECT FROM usher.site_groups WHERE organization_id = $1 AND id = $2 FOR UPDATE)sql"};

}  // namespace

pg::Bound LockOrganization(model::OrganizationId organization) {
  return pg::Bind(kLockOrganization, organization);
}

pg::Bound LockSite(model::OrganizationId organization, model::SiteId site) {
  return pg::Bind(kLockSite, organization, site);
}

pg::Bound LockSiteGroup(model::OrganizationId organization, model::SiteGroupId site_group) {
  return pg::Bind(kLockSiteGroup, organization, site_group);
}

}  // namespace usher::organizations
