#pragma once

#include "model/ids.h"
#include "pg/batch.h"

// The first statement of a change that reads before it writes: the statement after it sees what
// earlier holders of the lock committed, and nobody can begin to name the thing meanwhile.
namespace usher::organizations {

pg::Bound LockOrganization(model::OrganizationId organization);
pg::Bound LockSite(model::OrganizationId organization, model::SiteId site);
pg::Bound LockSiteGroup(model::OrganizationId organization, model::SiteGroupId site_group);

}  // namespace usher::organizations
