#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "model/ids.h"
#include "organizations/organizations.h"
#include "pg/rows.h"

// The columns that ReadSite reads, of a table or CTE named `site`; likewise for the group.
#define USHER_SITE_COLUMNS                                                     \
  "site.organization_id, site.id, site.name, site.description, site.address, " \
  "site.labels::text, site.revision, site.create_time, site.update_time"
#define USHER_SITE_GROUP_COLUMNS                                                         \
  "site_group.organization_id, site_group.id, site_group.name, site_group.description, " \
  "site_group.revision, site_group.create_time, site_group.update_time"

namespace usher::organizations {

Site ReadSite(const pg::Row& row, int first_column);
SiteGroup ReadSiteGroup(const pg::Row& row, int first_column, std::vector<model::SiteId> sites);

// INVALID_ARGUMENT naming each position of `given` that holds an unknown site, as `field[i]`.
absl::Status UnknownSites(std::string_view field, const std::vector<model::SiteId>& given,
                          const std::vector<model::SiteId>& unknown);

}  // namespace usher::organizations
