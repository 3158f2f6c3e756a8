#pragma once

#include <optional>
#include <string_view>

#include "model/role.h"

namespace usher::model {

// Why an access check said yes or no; if several hold, the first. By the numbers of the API.
enum class AccessReason {
  kUnknownPermission = 1,
  kNotAMember,
  kEnded,
  kSuspended,
  kPermissionNotGranted,
  kUnknownSite,
  kAllSitesRequired,
  kSiteRequired,
  kSiteNotInAccess,
  kGrantedByRole,
  kGrantedBySiteAccess,
};

struct AccessDecision {
  bool allowed = false;
  AccessReason reason{};
};

// What is known about the member and the site of a question.
struct AccessFacts {
  std::optional<Role> role;  // None: not a member.
  bool ended = false;
  bool suspended = false;
  bool all_sites = false;
  bool site_asked = false;
  bool site_exists = false;
  bool site_in_access = false;
};

// Decides whether the member may use `permission`, on the site if one was asked about. Without a
// site, a permission that reaches the site access is had when that is all sites.
AccessDecision Decide(const AccessFacts& facts, std::string_view permission);

}  // namespace usher::model
