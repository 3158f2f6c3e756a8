#include "model/site_access.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace usher::model {
namespace {

template <class Id>
absl::Status Canonicalize(std::vector<Id>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty()) return absl::InvalidArgumentError("must not be empty");
  if (ids.size() > SiteAccess::kMostIds) {
    return absl::InvalidArgumentError("must name at most 1000");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SiteAccess> SiteAccess::Groups(std::vector<SiteGroupId> groups) {
  if (auto status = Canonicalize(groups); !status.ok()) return status;
  SiteAccess access(Kind::kSiteGroups);
  access.groups_ = std::move(groups);
  return access;
}

absl::StatusOr<SiteAccess> SiteAccess::Sites(std::vector<SiteId> sites) {
  if (auto status = Canonicalize(sites); !status.ok()) return status;
  SiteAccess access(Kind::kSites);
  access.sites_ = std::move(sites);
  return access;
}

}  // namespace usher::model
