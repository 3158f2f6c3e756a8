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
using organizations::OrganizationUpdate;
using organizations::SiteGroupUpdate;
using organizations::SiteUpdate;
using testing::ElementsAre;

class UpdateTest : public PlacesTest {
 protected:
  OrganizationUpdate Rename(const std::string& name) const {
    OrganizationUpdate update;
    update.organization = world.acme;
    update.name = name;
    return update;
  }
  OrganizationUpdate SeatLimit(int32_t limit) const {
    OrganizationUpdate update;
    update.organization = world.acme;
    update.changed_settings = {"seat_limit"};
    update.settings.seat_limit = limit;
    return update;
  }
  SiteUpdate Describe(model::SiteId site, const std::string& description) const {
    SiteUpdate update;
    update.organization = world.acme;
    update.site = site;
    update.description = description;
    return update;
  }
  SiteUpdate RenameSite(model::SiteId site, const std::string& name) const {
    SiteUpdate update;
    update.organization = world.acme;
    update.site = site;
    update.name = name;
    return update;
  }
  SiteGroupUpdate RenameGroup(const std::string& name) const {
    SiteGroupUpdate update;
    update.organization = world.acme;
    update.site_group = world.group;
    update.name = name;
    return update;
  }
};

TEST_F(UpdateTest, OrganizationsNamedFieldsAreChangedAndNothingElse) {
  auto first = SeatLimit(7);
  first.settings.pending_limit = 9;  // Not named, so not changed.
  ASSERT_THAT(Update(first), IsOk());

  const auto renamed = Update(Rename("Acme Ltd"));

  ASSERT_THAT(renamed, IsOk());
  EXPECT_EQ(renamed->value.name, "Acme Ltd");
  EXPECT_EQ(renamed->value.settings.seat_limit, 7);
  EXPECT_EQ(renamed->value.settings.pending_limit, 0);
  EXPECT_EQ(renamed->value.revision, 3);
  EXPECT_THAT(Events("organization.updated"),
              ElementsAre(R"({"seat_limit": 0} → {"seat_limit": 7})",
                          R"({"name": "Acme"} → {"name": "Acme Ltd"})"));
}

TEST_F(UpdateTest, RepeatedUpdatesAreOkAndChangeNothing) {
  ASSERT_THAT(Update(Rename("Acme Ltd")), IsOk());

  const auto again = Update(Rename("Acme Ltd"));

  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->value.revision, 2);
  EXPECT_EQ(Events("organization.updated").size(), 1U);
}

TEST_F(UpdateTest, OrganizationsNameStaysUniqueInAnyLetterCase) {
  world.AddOrganization("Birch", "bo@example.com");

  EXPECT_THAT(Update(Rename("BIRCH")),
              Refused(StatusCode::kAlreadyExists, Reason::kOrganizationExists));
  EXPECT_THAT(Update(Rename("ACME")), IsOk());
}

TEST_F(UpdateTest, OneOfTwoOrganizationsGetsTheNameAtOnce) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::Call call = world.CallBy();
  auto other = Rename("Same");
  other.organization = birch.organization.id;

  const auto [a, b] = Race(world, 0, world.organizations.Update(call, Rename("Same")),
                           world.organizations.Update(call, std::move(other)));

  EXPECT_NE(a.ok(), b.ok());
  EXPECT_THAT(a.ok() ? b : a, Refused(StatusCode::kAlreadyExists, Reason::kOrganizationExists));
}

TEST_F(UpdateTest, StaleEtagsChangeNothing) {
  auto organization = Rename("Acme Ltd");
  organization.revision = 9;
  auto site = RenameSite(world.sites[0], "Bonn");
  site.revision = 9;
  auto group = RenameGroup("North");
  group.revision = 9;

  EXPECT_THAT(Update(organization), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(UpdateSite(site), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(UpdateGroup(group), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(Events("organization.updated"), testing::IsEmpty());
}

// Both have read revision 1; the second must not overwrite what it has not seen.
TEST_F(UpdateTest, OneOfTwoWithTheSameEtagChanges) {
  const model::Call call = world.CallBy(world.ann);
  auto a = RenameSite(world.sites[0], "Bonn");
  auto b = Describe(world.sites[0], "The capital");
  a.revision = b.revision = 1;

  const auto [first, second] = Race(world, 0, world.organizations.UpdateSite(call, std::move(a)),
                                    world.organizations.UpdateSite(call, std::move(b)));

  EXPECT_NE(first.ok(), second.ok());
  EXPECT_EQ(Events("site.updated").size(), 1U);
}

TEST_F(UpdateTest, SitesFieldsAreChangedOneByOne) {
  auto update = Describe(world.sites[0], "The capital");
  update.labels.emplace().emplace("tier", "1");
  ASSERT_THAT(UpdateSite(update), IsOk());

  const auto renamed = UpdateSite(RenameSite(world.sites[0], "BERLIN"));

  ASSERT_THAT(renamed, IsOk());
  EXPECT_EQ(renamed->value.name, "BERLIN");
  EXPECT_EQ(renamed->value.description, "The capital");
  EXPECT_EQ(renamed->value.labels, (organizations::Labels{{"tier", "1"}}));
  EXPECT_THAT(UpdateSite(RenameSite(world.sites[0], "lyon")),
              Refused(StatusCode::kAlreadyExists, Reason::kSiteExists));
}

TEST_F(UpdateTest, SitesAreDescribedByThoseWhoManageThem) {
  const model::UserId ria =
      Join("ria@example.com", Role::kNetworkAdmin, *SiteAccess::Sites({world.sites[1]}));
  const model::UserId ben = Join("ben@example.com", Role::kObserver, SiteAccess::All());
  const auto own = Describe(world.sites[1], "Ria's");

  EXPECT_THAT(UpdateSiteBy(ria, own), IsOk());
  EXPECT_THAT(UpdateSiteBy(ria, RenameSite(world.sites[1], "Paris")),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(UpdateSiteBy(ria, Describe(world.sites[0], "Not Ria's")),
              Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  EXPECT_THAT(UpdateSiteBy(ben, own),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_EQ(Events("site.updated").size(), 1U);
}

TEST_F(UpdateTest, GroupIsRenamedAndKeepsItsSites) {
  const auto renamed = UpdateGroup(RenameGroup("North"));

  ASSERT_THAT(renamed, IsOk());
  EXPECT_EQ(renamed->value.name, "North");
  EXPECT_EQ(renamed->value.sites, std::vector{world.sites[0]});
  EXPECT_THAT(Events("site_group.updated"),
              ElementsAre(R"({"name": "Germany"} → {"name": "North"})"));
}

TEST_F(UpdateTest, GroupNamesStayUnique) {
  const model::Call call = world.CallBy();
  organizations::NewSiteGroup draft{world.acme, "North", "", {}};
  ASSERT_THAT(world.Wait(world.organizations.CreateSiteGroup(call, draft)), IsOk());

  EXPECT_THAT(UpdateGroup(RenameGroup("NORTH")),
              Refused(StatusCode::kAlreadyExists, Reason::kSiteGroupExists));
}

TEST_F(UpdateTest, OrganizationsAndGroupsAreChangedBySuperUsers) {
  const model::UserId ria = Join("ria@example.com", Role::kNetworkAdmin, SiteAccess::All());

  EXPECT_THAT(UpdateBy(ria, Rename("Ria's")),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(UpdateBy(ria, SeatLimit(1)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(UpdateGroupBy(ria, RenameGroup("Ria's")),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

TEST_F(UpdateTest, OtherOrganizationsCannotBeChanged) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId bo = birch.first_super_user;
  auto foreign = RenameSite(world.sites[0], "Bo's");
  foreign.organization = birch.organization.id;

  EXPECT_THAT(UpdateBy(bo, Rename("Bo's")),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(UpdateSiteBy(bo, RenameSite(world.sites[0], "Bo's")),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(UpdateSiteBy(bo, foreign), Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  EXPECT_THAT(UpdateGroupBy(bo, RenameGroup("Bo's")),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(UpdateTest, SameSitesAgainChangeNothing) {
  const model::Call call = world.CallBy(world.ann);
  organizations::SiteGroupSites change{world.acme, world.group, {world.sites[0]}, std::nullopt};

  const auto same = world.Wait(world.organizations.SetSiteGroupSites(call, change));

  ASSERT_THAT(same, IsOk());
  EXPECT_EQ(same->value.revision, 1);
  EXPECT_THAT(Events("site_group.sites_changed"), testing::IsEmpty());
}

TEST_F(UpdateTest, R08RepeatWithTheSameIdGetsTheFirstAnswer) {
  model::Call call = world.CallBy(world.ann);
  call.change_id = "r1";
  call.change_content = "x";
  organizations::NewSite draft{world.acme, "Oslo", "", "", {}};
  const auto first = world.Wait(world.organizations.CreateSite(call, draft));

  const auto again = world.Wait(world.organizations.CreateSite(call, draft));

  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->value.id, first->value.id);
  call.change_content = "y";
  EXPECT_THAT(world.Wait(world.organizations.CreateSite(call, draft)),
              Refused(StatusCode::kInvalidArgument, Reason::kRequestIdReused));
}

TEST_F(UpdateTest, ValidationSaysWhatWouldBeAndDoesNothing) {
  model::Call call = world.CallBy(world.ann);
  call.validate_only = true;

  const auto updated = world.Wait(world.organizations.Update(call, Rename("Acme Ltd")));

  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->value.name, "Acme Ltd");
  EXPECT_EQ(world.database.Value("SELECT name FROM usher.organizations"), "Acme");
  EXPECT_THAT(Events("organization.updated"), testing::IsEmpty());
}

}  // namespace
}  // namespace usher::test
