#include "storage/site_access_columns.h"

namespace usher::storage {

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

}  // namespace usher::storage
