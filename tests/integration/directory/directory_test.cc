#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::AccessReason;
using model::Reason;
using model::Role;
using model::SiteAccess;

class DirectoryTest : public testing::Test {
 protected:
  model::AccessDecision Check(model::UserId user, const std::string& permission,
                              std::optional<model::SiteId> site = std::nullopt) {
    const model::Call call = world.CallBy();
    directory::AccessQuestion question{user, world.acme, permission, site};
    return world.Wait(world.directory.CheckAccess(call, std::move(question)))->decision;
  }
  model::UserId Join(const std::string& email, Role role, const SiteAccess& access) {
    auto draft = world.Draft(email);
    draft.role = role;
    draft.access = access;
    return world.Join(draft);
  }
  void SetMembership(const std::string& change, model::UserId user) {
    world.database.Query(absl::StrCat("UPDATE usher.memberships SET ", change, " WHERE user_id = '",
                                      model::FormatUuid(user.uuid()), "'"));
  }

  World world;
};

TEST_F(DirectoryTest, EverybodyReadsTheirOwnMembershipAndOnlySomeThatOfOthers) {
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));
  const model::Call by_ben = world.CallBy(ben);
  const model::Call by_ann = world.CallBy(world.ann);
  directory::MembershipName bens{world.acme, ben, std::nullopt};
  directory::MembershipName anns{world.acme, world.ann, std::nullopt};
  directory::MembershipName by_email{world.acme, std::nullopt, "ben@example.com"};
  directory::MembershipName nobody{world.acme, std::nullopt, "nobody@example.com"};

  EXPECT_THAT(world.Wait(world.directory.GetMembership(by_ben, bens)), IsOk());
  EXPECT_THAT(world.Wait(world.directory.GetMembership(by_ben, anns)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.directory.GetMembership(by_ben, nobody)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_EQ(world.Wait(world.directory.GetMembership(by_ann, by_email))->user.id, ben);
  EXPECT_THAT(world.Wait(world.directory.GetMembership(by_ann, nobody)),
              Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
}

TEST_F(DirectoryTest, R25SiteLimitedMemberMayActThereOnly) {
  const model::UserId ria =
      Join("ria@example.com", Role::kNetworkAdmin, *SiteAccess::Sites({world.sites[0]}));

  EXPECT_TRUE(Check(ria, "devices.configure", world.sites[0]).allowed);
  EXPECT_EQ(Check(ria, "devices.configure", world.sites[1]).reason, AccessReason::kSiteNotInAccess);
  EXPECT_EQ(Check(ria, "devices.configure").reason, AccessReason::kSiteRequired);
  EXPECT_EQ(Check(ria, "invitations.write").reason, AccessReason::kPermissionNotGranted);
  EXPECT_EQ(Check(ria, "events.read").reason, AccessReason::kAllSitesRequired);
}

TEST_F(DirectoryTest, GroupsGiveTheSitesTheyHaveNow) {
  const model::UserId gus =
      Join("gus@example.com", Role::kHelpdesk, *SiteAccess::Groups({world.group}));
  EXPECT_TRUE(Check(gus, "devices.operate", world.sites[0]).allowed);
  EXPECT_FALSE(Check(gus, "devices.operate", world.sites[1]).allowed);

  const model::Call call = world.CallBy(world.ann);
  organizations::SiteGroupSites change{world.acme, world.group, {world.sites[1]}, std::nullopt};
  ASSERT_THAT(world.Wait(world.organizations.SetSiteGroupSites(call, change)), IsOk());

  EXPECT_FALSE(Check(gus, "devices.operate", world.sites[0]).allowed);
  EXPECT_TRUE(Check(gus, "devices.operate", world.sites[1]).allowed);
}

TEST_F(DirectoryTest, DenialsNameTheFirstThingThatStandsInTheWay) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");
  const model::UserId ben = Join("ben@example.com", Role::kNetworkAdmin, SiteAccess::All());

  EXPECT_EQ(Check(ben, "no.such").reason, AccessReason::kUnknownPermission);
  EXPECT_EQ(Check(birch.first_super_user, "sites.read").reason, AccessReason::kNotAMember);
  EXPECT_EQ(Check(ben, "devices.configure", foreign).reason, AccessReason::kUnknownSite);
  SetMembership("status = 2", ben);
  EXPECT_EQ(Check(ben, "devices.configure").reason, AccessReason::kSuspended);
  SetMembership("end_time = usher.now()", ben);
  EXPECT_EQ(Check(ben, "devices.configure").reason, AccessReason::kEnded);
}

TEST_F(DirectoryTest, UsersAskAboutThemselvesAndOnlySomeAboutOthers) {
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_ben = world.CallBy(ben);
  const model::Call by_stranger = world.CallBy(birch.first_super_user);
  const directory::AccessQuestion about_ben{ben, world.acme, "sites.read", std::nullopt};
  const directory::AccessQuestion about_ann{world.ann, world.acme, "sites.read", std::nullopt};
  const directory::AccessQuestion about_stranger{birch.first_super_user, world.acme, "sites.read",
                                                 std::nullopt};

  EXPECT_THAT(world.Wait(world.directory.CheckAccess(by_ben, about_ben)), IsOk());
  EXPECT_THAT(world.Wait(world.directory.CheckAccess(by_ben, about_ann)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.directory.CheckAccess(by_stranger, about_ann)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_FALSE(
      world.Wait(world.directory.CheckAccess(by_stranger, about_stranger))->decision.allowed);
}

}  // namespace
}  // namespace usher::test
