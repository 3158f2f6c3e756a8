#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/refusal.h"
#include "model/site_access.h"
#include "pg/batch.h"
#include "storage/codecs.h"

namespace usher::storage {

// A SiteAccess as the three columns site_access, site_group_ids, site_ids of a row.
struct SiteAccessColumns {
  SiteAccessColumns() = default;
  explicit SiteAccessColumns(const model::SiteAccess& access);

  // The database's check constraint makes every stored value a valid one.
  model::SiteAccess ToAccess() const;

  int16_t kind = 0;
  std::vector<model::SiteGroupId> groups;
  std::vector<model::SiteId> sites;
};

// A violation of `field.site_group_ids[i]` or `field.site_ids[i]` for each of `given` that the
// organization does not have.
void AddUnknown(const std::string& field, const SiteAccessColumns& given,
                const std::vector<model::SiteGroupId>& unknown_groups,
                const std::vector<model::SiteId>& unknown_sites, model::Violations& violations);

}  // namespace usher::storage
