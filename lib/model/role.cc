#include "model/role.h"

#include <algorithm>

namespace usher::model {
namespace {

constexpr Scope None = Scope::kNone;
constexpr Scope Org = Scope::kOrganization;
constexpr Scope Site = Scope::kSiteAccess;
constexpr Scope All = Scope::kAllSitesOnly;

// One row a permission, one column a role. Who may write may read. `edges.*` are the permissions
// of a few roles for everything, as DC Edge Admin has them: for edge devices and services only.
// clang-format off
constexpr Permission kPermissions[] = {
    //                           Super  Network Obser- Help-  Report- DC Edge Super
    //                           User   Admin   ver    desk   ing     Admin   Observer
    {"organization.view",        {Org,   Org,    Org,   Org,   Org,    Org,    Org}},
    {"organization.update",      {Org,   None,   None,  None,  None,   None,   None}},
    {"organization.delete",      {Org,   None,   None,  None,  None,   None,   None}},
    {"organization.settings.read",  {Org, None,  None,  None,  None,   None,   Org}},
    {"organization.settings.write", {Org, None,  None,  None,  None,   None,   None}},
    {"members.read",             {Org,   None,   None,  None,  None,   None,   Org}},
    {"members.write",            {Org,   None,   None,  None,  None,   None,   None}},
    {"invitations.read",         {Org,   None,   None,  None,  None,   None,   Org}},
    {"invitations.write",        {Org,   None,   None,  None,  None,   None,   None}},
    {"roles.read",               {Org,   Org,    Org,   Org,   Org,    Org,    Org}},
    {"sites.read",               {Org,   Site,   Site,  Site,  Site,   Site,   Org}},
    {"sites.describe",           {Org,   Site,   None,  None,  None,   None,   None}},
    {"sites.write",              {Org,   None,   None,  None,  None,   None,   None}},
    {"site_groups.read",         {Org,   Site,   Site,  Site,  Site,   Site,   Org}},
    {"site_groups.write",        {Org,   None,   None,  None,  None,   None,   None}},
    {"events.read",              {Org,   All,    None,  None,  None,   None,   Org}},
    {"inventory.read",           {Org,   Site,   All,   All,   None,   None,   Org}},
    {"devices.adopt",            {Org,   All,    None,  None,  None,   None,   None}},
    {"devices.configure",        {Org,   Site,   None,  None,  None,   None,   None}},
    {"devices.operate",          {Org,   Site,   None,  Site,  None,   None,   None}},
    {"edges.inventory.read",     {Org,   Site,   All,   All,   None,   Site,   Org}},
    {"edges.adopt",              {Org,   All,    None,  None,  None,   Site,   None}},
    {"edges.operate",            {Org,   Site,   None,  Site,  None,   Site,   None}},
    {"edges.manage.read",        {Org,   None,   None,  None,  None,   Site,   Org}},
    {"edges.manage.write",       {Org,   None,   None,  None,  None,   Site,   None}},
    {"edges.monitoring.read",    {Org,   Site,   Site,  Site,  None,   Site,   Org}},
    {"monitoring.read",          {Org,   Site,   Site,  Site,  None,   None,   Org}},
    {"remediation.read",         {Org,   Site,   None,  None,  None,   None,   None}},
    {"remediation.write",        {Org,   Site,   None,  None,  None,   None,   None}},
    {"analytics.read",           {Org,   Site,   Site,  Site,  Site,   None,   Org}},
    {"subscriptions.read",       {Org,   None,   None,  None,  None,   None,   None}},
    {"subscriptions.write",      {Org,   None,   None,  None,  None,   None,   None}},
    {"support_tickets.read",     {Org,   All,    None,  None,  None,   None,   None}},
    {"support_tickets.write",    {Org,   All,    None,  None,  None,   None,   None}},
};
// clang-format on

const Permission* Find(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPermissions), std::end(kPermissions),
                                   [name](const Permission& p) { return p.name == name; });
  return found == std::end(kPermissions) ? nullptr : found;
}

}  // namespace

std::string_view DisplayName(Role role) {
  switch (role) {
    case Role::kSuperUser:
      return "Super User";
    case Role::kNetworkAdmin:
      return "Network Admin";
    case Role::kObserver:
      return "Observer";
    case Role::kHelpdesk:
      return "Helpdesk";
    case Role::kReporting:
      return "Reporting";
    case Role::kDcEdgeAdmin:
      return "DC Edge Admin";
    case Role::kSuperObserver:
      return "Super Observer";
  }
  return "";
}

RoleCategory CategoryOf(Role role) {
  return role <= Role::kHelpdesk ? RoleCategory::kAdministrator : RoleCategory::kLimited;
}

std::span<const Permission> Permissions() { return kPermissions; }

Scope Grant(Role role, std::string_view permission) {
  const Permission* found = Find(permission);
  const auto column = static_cast<size_t>(role) - 1;
  if (found == nullptr || column >= kRoles.size()) return Scope::kNone;
  return found->scopes[column];
}

bool IsPermission(std::string_view permission) { return Find(permission) != nullptr; }

}  // namespace usher::model
