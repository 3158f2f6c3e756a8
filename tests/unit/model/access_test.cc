#include "model/access.h"

#include <string>

#include "gtest/gtest.h"

namespace usher::model {
namespace {

AccessFacts Member(Role role) {
  AccessFacts facts;
  facts.role = role;
  return facts;
}

AccessFacts WithAllSites(AccessFacts facts) {
  facts.all_sites = true;
  // What a statement finds for a site of the organization.
  facts.site_in_access = facts.site_exists;
  return facts;
}

AccessFacts OnSiteInside(AccessFacts facts) {
  facts.site_asked = facts.site_exists = facts.site_in_access = true;
  return facts;
}

AccessFacts OnSiteOutside(AccessFacts facts) {
  facts.site_asked = facts.site_exists = true;
  return facts;
}

AccessFacts OnUnknownSite(AccessFacts facts) {
  facts.site_asked = true;
  return facts;
}

void ExpectAllowed(const AccessFacts& facts, std::string_view permission, AccessReason reason) {
  const AccessDecision decision = Decide(facts, permission);
  EXPECT_TRUE(decision.allowed) << permission;
  EXPECT_EQ(decision.reason, reason) << permission;
}

void ExpectDenied(const AccessFacts& facts, std::string_view permission, AccessReason reason) {
  const AccessDecision decision = Decide(facts, permission);
  EXPECT_FALSE(decision.allowed) << permission;
  EXPECT_EQ(decision.reason, reason) << permission;
}

// R25: a Network Admin on one site.
TEST(AccessTest, R25StaysOnTheSitesOfTheMember) {
  const AccessFacts ria = Member(Role::kNetworkAdmin);

  ExpectAllowed(OnSiteInside(ria), "devices.configure", AccessReason::kGrantedBySiteAccess);
  ExpectDenied(OnSiteOutside(ria), "devices.configure", AccessReason::kSiteNotInAccess);
  ExpectDenied(ria, "devices.configure", AccessReason::kSiteRequired);
  ExpectDenied(ria, "invitations.write", AccessReason::kPermissionNotGranted);
  ExpectDenied(OnSiteInside(ria), "invitations.write", AccessReason::kPermissionNotGranted);
}

TEST(AccessTest, ReachesEverywhereWithAllSites) {
  const AccessFacts admin = WithAllSites(Member(Role::kNetworkAdmin));

  ExpectAllowed(admin, "devices.configure", AccessReason::kGrantedBySiteAccess);
  ExpectAllowed(WithAllSites(OnSiteOutside(admin)), "devices.configure",
                AccessReason::kGrantedBySiteAccess);
}

TEST(AccessTest, OfTheOrganizationNeedsNoSite) {
  const AccessFacts observer = Member(Role::kSuperObserver);

  ExpectAllowed(observer, "members.read", AccessReason::kGrantedByRole);
  ExpectAllowed(OnSiteOutside(observer), "members.read", AccessReason::kGrantedByRole);
  ExpectAllowed(OnSiteInside(observer), "inventory.read", AccessReason::kGrantedByRole);
}

TEST(AccessTest, WithAllSitesOnlyNeedsThemOnEverySite) {
  const AccessFacts observer = Member(Role::kObserver);

  ExpectDenied(observer, "inventory.read", AccessReason::kAllSitesRequired);
  ExpectDenied(OnSiteInside(observer), "inventory.read", AccessReason::kAllSitesRequired);
  ExpectAllowed(WithAllSites(observer), "inventory.read", AccessReason::kGrantedBySiteAccess);
  ExpectAllowed(WithAllSites(OnSiteInside(observer)), "inventory.read",
                AccessReason::kGrantedBySiteAccess);
}

TEST(AccessTest, EdgesOnlyIsNotEverything) {
  const AccessFacts admin = OnSiteInside(Member(Role::kDcEdgeAdmin));

  ExpectAllowed(admin, "edges.adopt", AccessReason::kGrantedBySiteAccess);
  ExpectDenied(admin, "devices.adopt", AccessReason::kPermissionNotGranted);
}

TEST(AccessTest, IsDeniedOnSitesThatAreNone) {
  for (const Role role : {Role::kSuperUser, Role::kNetworkAdmin}) {
    ExpectDenied(OnUnknownSite(WithAllSites(Member(role))), "devices.configure",
                 AccessReason::kUnknownSite);
  }
  ExpectDenied(OnUnknownSite(Member(Role::kReporting)), "devices.configure",
               AccessReason::kPermissionNotGranted);
}

TEST(AccessTest, IsDeniedForUnknownPermissions) {
  ExpectDenied(Member(Role::kSuperUser), "devices.fly", AccessReason::kUnknownPermission);
  ExpectDenied(AccessFacts{}, "", AccessReason::kUnknownPermission);
}

TEST(AccessTest, IsDeniedToOthersThanActiveMembers) {
  AccessFacts suspended = WithAllSites(Member(Role::kSuperUser));
  suspended.suspended = true;
  AccessFacts ended = suspended;
  ended.ended = true;

  ExpectDenied(AccessFacts{}, "members.read", AccessReason::kNotAMember);
  ExpectDenied(suspended, "members.read", AccessReason::kSuspended);
  ExpectDenied(ended, "members.read", AccessReason::kEnded);
}

// Every combination: allowed only with a role that has the permission, as an active member, and
// never outside of the site access.
TEST(AccessTest, NeverAllowsMoreThanTheTable) {
  for (const Permission& permission : Permissions()) {
    for (const Role role : kRoles) {
      for (unsigned bits = 0; bits < 64; ++bits) {
        AccessFacts facts = Member(role);
        facts.ended = bits & 1;
        facts.suspended = bits & 2;
        facts.all_sites = bits & 4;
        facts.site_asked = bits & 8;
        facts.site_exists = bits & 16;
        facts.site_in_access = bits & 32;
        const AccessDecision decision = Decide(facts, permission.name);
        const Scope scope = Grant(role, permission.name);

        EXPECT_EQ(decision.allowed, decision.reason >= AccessReason::kGrantedByRole);
        if (!decision.allowed) continue;
        EXPECT_FALSE(facts.ended || facts.suspended);
        EXPECT_TRUE(!facts.site_asked || facts.site_exists);
        EXPECT_NE(scope, Scope::kNone);
        EXPECT_TRUE(scope == Scope::kOrganization || facts.all_sites ||
                    (scope == Scope::kSiteAccess && facts.site_asked && facts.site_in_access));
      }
    }
  }
}

}  // namespace
}  // namespace usher::model
