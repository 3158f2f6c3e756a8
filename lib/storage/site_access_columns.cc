#include "storage/site_access_columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace usher::storage {
namespace {

template <class Id>
void AddUnknownIds(const std::string& field, const std::vector<Id>& given,
                   const std::vector<Id>& unknown, const char* noun,
                   model::Violations& violations) {
  for (size_t i = 0; i < given.size(); ++i) {
    if (std::find(unknown.begin(), unknown.end(), given[i]) == unknown.end()) continue;
    violations.Add(absl::StrCat(field, "[", i, "]"),
                   absl::StrCat("is no ", noun, " of this organization"));
  }
}

}  // namespace

using model::SiteAccess;

SiteAccessColumns::SiteAccessColumns(const SiteAccess& access)
    : kind(static_cast<int16_t>(access.kind())),
      groups(access.groups().begin(), access.groups().end()),
      sites(access.sites().begin(), access.sites().end()) {}

SiteAccess SiteAccessColumns::ToAccess() const {
  switch (static_cast<SiteAccess::Kind>(kind)) {
    case SiteAccess::Kind::kSiteGroups:
      return *SiteAccess::Groups(groups);
    case SiteAccess::Kind::kSites:
      return *SiteAccess::Sites(sites);
    case SiteAccess::Kind::kAllSites:
      break;
  }
  return SiteAccess::All();
}

void AddUnknown(const std::string& field, const SiteAccessColumns& given,
                const std::vector<model::SiteGroupId>& unknown_groups,
                const std::vector<model::SiteId>& unknown_sites, model::Violations& violations) {
  AddUnknownIds(field + ".site_group_ids", given.groups, unknown_groups, "site group", violations);
  AddUnknownIds(field + ".site_ids", given.sites, unknown_sites, "site", violations);
}

}  // namespace usher::storage
