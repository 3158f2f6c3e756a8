#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "model/caller.h"

// The caller's role in the organization of a statement, as an SQL expression over its parameters:
// $1 the organization, $2 the user who calls (NULL for a service). See storage::Gate.
#define USHER_CALLER_ROLE USHER_CALLER_ROLE_IN("$1")
// Likewise for an organization that another expression names.
#define USHER_CALLER_ROLE_IN(organization)                                                         \
  "(SELECT CASE WHEN $2::uuid IS NULL THEN 0::smallint"                                            \
  " WHEN caller.status = 1 AND (caller.end_time IS NULL OR caller.end_time > usher.now())"         \
  " THEN caller.role WHEN caller.user_id IS NOT NULL THEN (-1)::smallint END"                      \
  " FROM usher.organizations called LEFT JOIN usher.memberships caller"                            \
  " ON caller.organization_id = called.id AND caller.user_id = $2 WHERE called.id = " organization \
  ")"

// Whether the caller's own site access, of which $1 and $2 tell as above, contains `site`.
#define USHER_IN_CALLERS_SITE_ACCESS(site)                                                        \
  "EXISTS (SELECT FROM usher.memberships own WHERE own.organization_id = $1 AND own.user_id = $2" \
  " AND CASE own.site_access WHEN 1 THEN true"                                                    \
  " WHEN 2 THEN EXISTS (SELECT FROM usher.site_group_sites g WHERE g.organization_id = $1"        \
  " AND g.site_id = " site                                                                        \
  " AND g.site_group_id = ANY (own.site_group_ids))"                                              \
  " ELSE " site " = ANY (own.site_ids) END)"

namespace usher::storage {

// Rights are decided inside the statement that does the work, so that a role that was lost a
// moment ago gives none. USHER_CALLER_ROLE is a Gate: NULL when the organization does not exist or
// the caller is no member (the two must look alike), 0 for a service, -1 for a member who is
// suspended or whose time is over, else the role's number.
using Gate = std::optional<int16_t>;

// The caller as $2 of USHER_CALLER_ROLE. A person who calls and has no account is no service: they
// are an id that nobody has.
std::optional<model::UserId> CallingUser(const model::Call& call);

// The gates through which `permission` is had organization-wide: for `= ANY($n)`. A service's
// scopes were checked before.
std::vector<int16_t> GatesFor(std::string_view permission);

// The gates through which it is had inside the caller's site access.
std::vector<int16_t> SiteGatesFor(std::string_view permission);

// OK, NOT_FOUND ORGANIZATION_NOT_FOUND, or PERMISSION_DENIED PERMISSION_MISSING.
absl::Status CheckGate(Gate gate, std::string_view permission);
// Likewise where it is enough to have the permission inside the site access.
absl::Status CheckSiteGate(Gate gate, std::string_view permission);

}  // namespace usher::storage
