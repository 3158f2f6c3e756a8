#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/ids.h"

namespace usher::model {

// Where a member may act: all sites, some site groups or some sites. Never empty, never a mix; the
// ids are sorted and each stands once.
class SiteAccess {
 public:
  enum class Kind : int16_t { kAllSites = 1, kSiteGroups = 2, kSites = 3 };

  static constexpr size_t kMostIds = 1000;

  static SiteAccess All() { return SiteAccess(Kind::kAllSites); }
  // INVALID_ARGUMENT for an empty list or more than kMostIds.
  static absl::StatusOr<SiteAccess> Groups(std::vector<SiteGroupId> groups);
  static absl::StatusOr<SiteAccess> Sites(std::vector<SiteId> sites);

  Kind kind() const { return kind_; }
  const std::vector<SiteGroupId>& groups() const { return groups_; }
  const std::vector<SiteId>& sites() const { return sites_; }

  friend bool operator==(const SiteAccess&, const SiteAccess&) = default;

 private:
  explicit SiteAccess(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::vector<SiteGroupId> groups_;
  std::vector<SiteId> sites_;
};

}  // namespace usher::model
