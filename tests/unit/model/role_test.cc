#include "model/role.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace usher::model {
namespace {

// How far each role's permission reaches, a letter a role in the order of kRoles: `o` in the
// organization, `s` on the sites of the site access, `a` with all sites only, `-` nowhere.
std::string Reach(std::string_view permission) {
  std::string reach;
  for (const Role role : kRoles) {
    switch (Grant(role, permission)) {
      case Scope::kOrganization:
        reach += 'o';
        break;
      case Scope::kSiteAccess:
        reach += 's';
        break;
      case Scope::kAllSitesOnly:
        reach += 'a';
        break;
      case Scope::kNone:
        reach += '-';
        break;
    }
  }
  return reach;
}

// Super User, Network Admin, Observer, Helpdesk, Reporting, DC Edge Admin, Super Observer.
TEST(PermissionTest, OfTheOrganization) {
  EXPECT_EQ(Reach("organization.view"), "ooooooo");
  EXPECT_EQ(Reach("organization.update"), "o------");
  EXPECT_EQ(Reach("organization.delete"), "o------");
  EXPECT_EQ(Reach("organization.settings.read"), "o-----o");
  EXPECT_EQ(Reach("organization.settings.write"), "o------");
  EXPECT_EQ(Reach("roles.read"), "ooooooo");
  EXPECT_EQ(Reach("events.read"), "oa----o");
}

TEST(PermissionTest, OfPeople) {
  EXPECT_EQ(Reach("members.read"), "o-----o");
  EXPECT_EQ(Reach("members.write"), "o------");
  EXPECT_EQ(Reach("invitations.read"), "o-----o");
  EXPECT_EQ(Reach("invitations.write"), "o------");
}

TEST(PermissionTest, OfSites) {
  EXPECT_EQ(Reach("sites.read"), "ossssso");
  EXPECT_EQ(Reach("sites.describe"), "os-----");
  EXPECT_EQ(Reach("sites.write"), "o------");
  EXPECT_EQ(Reach("site_groups.read"), "ossssso");
  EXPECT_EQ(Reach("site_groups.write"), "o------");
}

TEST(PermissionTest, OfDevices) {
  EXPECT_EQ(Reach("inventory.read"), "osaa--o");
  EXPECT_EQ(Reach("devices.adopt"), "oa-----");
  EXPECT_EQ(Reach("devices.configure"), "os-----");
  EXPECT_EQ(Reach("devices.operate"), "os-s---");
  EXPECT_EQ(Reach("monitoring.read"), "osss--o");
  EXPECT_EQ(Reach("remediation.read"), "os-----");
  EXPECT_EQ(Reach("remediation.write"), "os-----");
  EXPECT_EQ(Reach("analytics.read"), "ossss-o");
}

TEST(PermissionTest, OfBusiness) {
  EXPECT_EQ(Reach("subscriptions.read"), "o------");
  EXPECT_EQ(Reach("subscriptions.write"), "o------");
  EXPECT_EQ(Reach("support_tickets.read"), "oa-----");
  EXPECT_EQ(Reach("support_tickets.write"), "oa-----");
}

TEST(PermissionTest, OfEdges) {
  EXPECT_EQ(Reach("edges.manage.read"), "o----so");
  EXPECT_EQ(Reach("edges.manage.write"), "o----s-");
}

// What a role may with everything it may with edges; DC Edge Admin may with edges alone.
TEST(PermissionTest, OfEdgesFollowThoseOfEverything) {
  const std::pair<const char*, const char*> pairs[] = {
      {"edges.inventory.read", "inventory.read"},
      {"edges.adopt", "devices.adopt"},
      {"edges.operate", "devices.operate"},
      {"edges.monitoring.read", "monitoring.read"},
  };
  for (const auto& [edges, everything] : pairs) {
    for (const Role role : kRoles) {
      if (role == Role::kDcEdgeAdmin) {
        EXPECT_EQ(Grant(role, edges), Scope::kSiteAccess) << edges;
        EXPECT_EQ(Grant(role, everything), Scope::kNone) << everything;
      } else {
        EXPECT_EQ(Grant(role, edges), Grant(role, everything)) << edges;
      }
    }
  }
}

TEST(PermissionTest, WhoeverMayWriteMayRead) {
  for (const Permission& permission : Permissions()) {
    std::string name(permission.name);
    if (!name.ends_with(".write")) continue;
    name.replace(name.size() - 5, 5, "read");

    ASSERT_TRUE(IsPermission(name)) << name;
    for (const Role role : kRoles) {
      if (Grant(role, permission.name) != Scope::kNone) {
        EXPECT_EQ(Grant(role, name), Grant(role, permission.name)) << name;
      }
    }
  }
}

TEST(PermissionTest, SuperUserHasAll) {
  for (const Permission& permission : Permissions()) {
    EXPECT_EQ(Grant(Role::kSuperUser, permission.name), Scope::kOrganization) << permission.name;
  }
}

TEST(PermissionTest, SuperObserverChangesNothing) {
  for (const Permission& permission : Permissions()) {
    const bool reads = permission.name.ends_with(".read") || permission.name.ends_with(".view");
    EXPECT_TRUE(reads || Grant(Role::kSuperObserver, permission.name) == Scope::kNone)
        << permission.name;
  }
}

TEST(PermissionTest, HasEachNameOnce) {
  std::set<std::string_view> names;
  for (const Permission& permission : Permissions()) names.insert(permission.name);

  EXPECT_EQ(names.size(), Permissions().size());
}

TEST(PermissionTest, IsDeniedUnlessListed) {
  for (const char* name : {"", "members", "members.", "members.read ", "Members.read", "members.*",
                           "*", "edges.read", "device.configure"}) {
    EXPECT_FALSE(IsPermission(name)) << name;
    EXPECT_EQ(Reach(name), "-------") << name;
  }
}

TEST(PermissionTest, IsDeniedToWhatIsNoRole) {
  EXPECT_EQ(Grant(static_cast<Role>(0), "organization.view"), Scope::kNone);
  EXPECT_EQ(Grant(static_cast<Role>(8), "organization.view"), Scope::kNone);
  EXPECT_EQ(Grant(static_cast<Role>(-1), "organization.view"), Scope::kNone);
}

TEST(RoleTest, HasANameToShow) {
  EXPECT_EQ(DisplayName(Role::kSuperUser), "Super User");
  EXPECT_EQ(DisplayName(Role::kNetworkAdmin), "Network Admin");
  EXPECT_EQ(DisplayName(Role::kObserver), "Observer");
  EXPECT_EQ(DisplayName(Role::kHelpdesk), "Helpdesk");
  EXPECT_EQ(DisplayName(Role::kReporting), "Reporting");
  EXPECT_EQ(DisplayName(Role::kDcEdgeAdmin), "DC Edge Admin");
  EXPECT_EQ(DisplayName(Role::kSuperObserver), "Super Observer");
}

TEST(RoleTest, IsAdministratorOrLimited) {
  for (const Role role :
       {Role::kSuperUser, Role::kNetworkAdmin, Role::kObserver, Role::kHelpdesk}) {
    EXPECT_EQ(CategoryOf(role), RoleCategory::kAdministrator);
  }
  for (const Role role : {Role::kReporting, Role::kDcEdgeAdmin, Role::kSuperObserver}) {
    EXPECT_EQ(CategoryOf(role), RoleCategory::kLimited);
  }
}

}  // namespace
}  // namespace usher::model
