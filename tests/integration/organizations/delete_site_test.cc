#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/invitations/race.h"
#include "tests/support/places.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;
using model::Role;
using model::SiteAccess;
using testing::ElementsAre;

class DeleteSiteTest : public PlacesTest {
 protected:
  // Ids in a site access that no site or group has, of members and open invitations.
  std::string Dangling() const {
    return world.database.Value(
        "SELECT count(*) FROM (SELECT organization_id, unnest(site_ids) AS id, site_access"
        " FROM usher.memberships UNION ALL SELECT organization_id, unnest(site_ids), site_access"
        " FROM usher.invitations WHERE open AND state = 1) named"
        " WHERE NOT EXISTS (SELECT FROM usher.sites s"
        " WHERE s.organization_id = named.organization_id AND s.id = named.id)");
  }
  std::string SitesLeft() const {
    return world.database.Value("SELECT string_agg(name, ' ' ORDER BY name) FROM usher.sites");
  }
};

TEST_F(DeleteSiteTest, UnusedSiteGoesAndItsNameIsFree) {
  ASSERT_THAT(DeleteSite(world.sites[1]), IsOk());

  EXPECT_EQ(SitesLeft(), "Berlin");
  EXPECT_THAT(
      Events("site.deleted"),
      ElementsAre(R"({"name": "Lyon", "labels": {}, "address": "", "description": ""} → )"));
  EXPECT_THAT(DeleteSite(world.sites[1]), Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  world.AddSite(world.acme, "LYON");
}

TEST_F(DeleteSiteTest, R26SiteInUseIsRefusedWithTheCounts) {
  Join("tom@example.com", Role::kObserver, *SiteAccess::Sites({world.sites[0]}));
  Join("una@example.com", Role::kObserver, *SiteAccess::Sites(world.sites));
  ASSERT_THAT(Invite("vic@example.com", *SiteAccess::Sites(world.sites)), IsOk());

  const auto refused = DeleteSite(world.sites[0]);

  ASSERT_THAT(refused, Refused(StatusCode::kFailedPrecondition, Reason::kSiteInUse));
  EXPECT_EQ(Metadata(refused.status(), "memberships"), "2");
  EXPECT_EQ(Metadata(refused.status(), "invitations"), "1");
  EXPECT_EQ(Metadata(refused.status(), "site_groups"), "1");
  EXPECT_EQ(SitesLeft(), "Berlin Lyon");
}

TEST_F(DeleteSiteTest, R26GroupInUseIsRefusedWithTheCounts) {
  Join("tom@example.com", Role::kObserver, *SiteAccess::Groups({world.group}));
  ASSERT_THAT(Invite("vic@example.com", *SiteAccess::Groups({world.group})), IsOk());

  const auto refused = DeleteGroup(world.group);

  ASSERT_THAT(refused, Refused(StatusCode::kFailedPrecondition, Reason::kSiteInUse));
  EXPECT_EQ(Metadata(refused.status(), "memberships"), "1");
  EXPECT_EQ(Metadata(refused.status(), "invitations"), "1");
}

TEST_F(DeleteSiteTest, UnusedGroupGoesAndItsSitesStay) {
  ASSERT_THAT(DeleteGroup(world.group), IsOk());

  EXPECT_EQ(SitesLeft(), "Berlin Lyon");
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.site_group_sites"), "0");
  EXPECT_THAT(DeleteSite(world.sites[0]), IsOk());
  EXPECT_THAT(DeleteGroup(world.group), Refused(StatusCode::kNotFound, Reason::kSiteGroupNotFound));
}

TEST_F(DeleteSiteTest, R26EndedInvitationsAndMembershipsDoNotBlock) {
  const auto site = *SiteAccess::Sites({world.sites[1]});
  const auto expired = Invite("eva@example.com", site);
  const model::UserId former = Join("fay@example.com", Role::kObserver, site);
  const auto declined = Invite("dan@example.com", site);
  const auto canceled = Invite("cal@example.com", site);
  const model::Call call = world.CallBy(world.ann);
  ASSERT_THAT(world.Wait(world.invitations.Decline(call, world.TokenOf(declined->invitation),
                                                   World::Person("dan@example.com"))),
              IsOk());
  invitations::Cancellation cancellation{world.acme, canceled->invitation.id, std::nullopt,
                                         std::nullopt};
  ASSERT_THAT(world.Wait(world.invitations.Cancel(call, std::move(cancellation))), IsOk());
  world.database.Query(
      absl::StrCat("UPDATE usher.memberships SET end_time = now() - interval '1h'"
                   " WHERE user_id = '",
                   model::FormatUuid(former.uuid()), "'"));
  world.database.MoveClock(absl::Hours(8 * 24));

  EXPECT_THAT(DeleteSite(world.sites[1]), IsOk());

  // What only history names breaks no read.
  EXPECT_THAT(world.Get(expired->invitation.id), IsOk());
  invitations::InvitationQuery query;
  query.organization = world.acme;
  EXPECT_THAT(world.Wait(world.invitations.List(call, std::move(query))), IsOk());
}

TEST_F(DeleteSiteTest, ForSuperUsersOfTheOrganizationOnly) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId bo = birch.first_super_user;
  const model::UserId ria = Join("ria@example.com", Role::kNetworkAdmin, SiteAccess::All());
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");

  EXPECT_THAT(DeleteSiteBy(ria, world.sites[1]),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(DeleteGroupBy(ria, world.group),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(DeleteSiteBy(bo, world.sites[1]),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(DeleteGroupBy(bo, world.group),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(DeleteSite(foreign), Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  EXPECT_EQ(SitesLeft(), "Berlin Lyon Oslo");
}

TEST_F(DeleteSiteTest, StaleEtagDeletesNothing) {
  const model::Call call = world.CallBy(world.ann);
  organizations::SiteDeletion site{world.acme, world.sites[1], 9};
  organizations::SiteGroupDeletion group{world.acme, world.group, 9};

  EXPECT_THAT(world.Wait(world.organizations.DeleteSite(call, std::move(site))),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(world.Wait(world.organizations.DeleteSiteGroup(call, std::move(group))),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
}

// Whoever comes first, an access list never names a site that is gone.
TEST_F(DeleteSiteTest, R26RaceWithAnInvitationEndsInOneOrder) {
  for (int round = 0; round < 20; ++round) {
    const model::SiteId site = world.AddSite(world.acme, absl::StrCat("S", round));
    const model::Call call = world.CallBy(world.ann);
    auto draft = world.Draft(absl::StrCat("s", round, "@example.com"));
    draft.access = *SiteAccess::Sites({site});
    organizations::SiteDeletion deletion{world.acme, site, std::nullopt};

    const auto [deleted, invited] =
        Race(world, round, world.organizations.DeleteSite(call, std::move(deletion)),
             world.invitations.Create(call, std::move(draft)));

    EXPECT_NE(deleted.ok(), invited.ok()) << deleted << invited;
    EXPECT_EQ(Dangling(), "0");
  }
}

TEST_F(DeleteSiteTest, R26RaceWithAMemberEndsInOneOrder) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver, SiteAccess::All());
  for (int round = 0; round < 20; ++round) {
    const model::SiteId site = world.AddSite(world.acme, absl::StrCat("S", round));
    const model::Call call = world.CallBy(world.ann);
    directory::MembershipUpdate update;
    update.name = {world.acme, ben, std::nullopt};
    update.access = *SiteAccess::Sites({site});
    organizations::SiteDeletion deletion{world.acme, site, std::nullopt};

    const auto [deleted, updated] =
        Race(world, round, world.organizations.DeleteSite(call, std::move(deletion)),
             world.directory.UpdateMembership(call, std::move(update)));

    EXPECT_NE(deleted.ok(), updated.ok()) << deleted << updated;
    EXPECT_EQ(Dangling(), "0");
  }
}

TEST_F(DeleteSiteTest, R26RaceWithAGroupEndsInOneOrder) {
  for (int round = 0; round < 20; ++round) {
    const model::SiteId site = world.AddSite(world.acme, absl::StrCat("S", round));
    const model::Call call = world.CallBy(world.ann);
    organizations::SiteGroupSites change{world.acme, world.group, {site}, std::nullopt};
    organizations::SiteDeletion deletion{world.acme, site, std::nullopt};

    const auto [deleted, set] =
        Race(world, round, world.organizations.DeleteSite(call, std::move(deletion)),
             world.organizations.SetSiteGroupSites(call, std::move(change)));

    EXPECT_NE(deleted.ok(), set.ok()) << deleted << set;
  }
}

}  // namespace
}  // namespace usher::test
