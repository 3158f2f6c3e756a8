#include "model/access.h"

namespace usher::model {
namespace {

AccessDecision Denied(AccessReason reason) { return {false, reason}; }
AccessDecision Granted(AccessReason reason) { return {true, reason}; }

AccessDecision DecideBySites(const AccessFacts& facts) {
  if (facts.all_sites) return Granted(AccessReason::kGrantedBySiteAccess);
  if (!facts.site_asked) return Denied(AccessReason::kSiteRequired);
  if (!facts.site_in_access) return Denied(AccessReason::kSiteNotInAccess);
  return Granted(AccessReason::kGrantedBySiteAccess);
}

}  // namespace

AccessDecision Decide(const AccessFacts& facts, std::string_view permission) {
  if (!IsPermission(permission)) return Denied(AccessReason::kUnknownPermission);
  if (!facts.role) return Denied(AccessReason::kNotAMember);
  if (facts.ended) return Denied(AccessReason::kEnded);
  if (facts.suspended) return Denied(AccessReason::kSuspended);
  const Scope scope = Grant(*facts.role, permission);
  if (scope == Scope::kNone) return Denied(AccessReason::kPermissionNotGranted);
  if (facts.site_asked && !facts.site_exists) return Denied(AccessReason::kUnknownSite);
  if (scope == Scope::kOrganization) return Granted(AccessReason::kGrantedByRole);
  if (scope == Scope::kSiteAccess) return DecideBySites(facts);
  if (!facts.all_sites) return Denied(AccessReason::kAllSitesRequired);
  return Granted(AccessReason::kGrantedBySiteAccess);
}

}  // namespace usher::model
