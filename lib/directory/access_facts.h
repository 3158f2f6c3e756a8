#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/access.h"
#include "model/ids.h"
#include "model/invitation.h"
#include "model/role.h"
#include "model/site_access.h"

namespace usher::directory {

// What decides about a member's rights.
struct MemberFacts {
  model::Role role{};
  model::MembershipStatus status{};
  std::optional<absl::Time> end_time;
  model::SiteAccess access = model::SiteAccess::All();

  friend bool operator==(const MemberFacts&, const MemberFacts&) = default;
};

// What decides about access to a site.
struct SiteFacts {
  bool exists = false;
  std::vector<model::SiteGroupId> groups;  // That the site is in.
};

// Decides by what is known: no member is nobody's, no site is that none was asked about.
model::AccessDecision Decide(const std::optional<MemberFacts>& member,
                             std::optional<model::SiteId> site, const SiteFacts& site_facts,
                             absl::Time now, std::string_view permission);

}  // namespace usher::directory
