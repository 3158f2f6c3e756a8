#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace usher::model {

// The seven predefined roles, by the numbers of the API.
enum class Role : int16_t {
  kSuperUser = 1,
  kNetworkAdmin,
  kObserver,
  kHelpdesk,
  kReporting,
  kDcEdgeAdmin,
  kSuperObserver,
};

inline constexpr std::array kRoles = {
    Role::kSuperUser, Role::kNetworkAdmin, Role::kObserver,      Role::kHelpdesk,
    Role::kReporting, Role::kDcEdgeAdmin,  Role::kSuperObserver,
};

enum class RoleCategory { kAdministrator = 1, kLimited = 2 };

std::string_view DisplayName(Role role);
RoleCategory CategoryOf(Role role);

// How far a role's permission reaches.
enum class Scope {
  kNone = 0,
  kOrganization,  // Everywhere in the organization.
  kSiteAccess,    // On the sites of the member's site access; everywhere with ALL_SITES.
  kAllSitesOnly,  // Everywhere, but only for members with ALL_SITES.
};

// A permission, and how far it reaches for each role in the order of kRoles.
struct Permission {
  std::string_view name;
  std::array<Scope, kRoles.size()> scopes;
};

// The catalogue: everything that is not in it is denied.
std::span<const Permission> Permissions();

// kNone for a permission that the role does not have or that does not exist.
Scope Grant(Role role, std::string_view permission);

bool IsPermission(std::string_view permission);

}  // namespace usher::model
