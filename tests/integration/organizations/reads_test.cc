#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/text.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;
using model::Role;
using model::SiteAccess;
using organizations::OrganizationName;
using organizations::OrganizationsQuery;
using organizations::SiteGroupsQuery;
using organizations::SitesQuery;

template <class T>
std::vector<std::string> Names(const absl::StatusOr<organizations::Page<T>>& page) {
  std::vector<std::string> names;
  for (const T& row : page->rows) names.push_back(row.name);
  return names;
}

class ReadsTest : public testing::Test {
 protected:
  using Caller = std::optional<model::UserId>;

  model::UserId Join(const std::string& email, Role role, const SiteAccess& access) {
    auto draft = world.Draft(email);
    draft.role = role;
    draft.access = access;
    return world.Join(draft);
  }
  void Suspend(model::UserId user) {
    world.database.Query(absl::StrCat("UPDATE usher.memberships SET status = 2 WHERE user_id = '",
                                      model::FormatUuid(user.uuid()), "'"));
  }
  auto Get(Caller caller, OrganizationName name) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.Get(call, std::move(name)));
  }
  auto List(Caller caller, OrganizationsQuery query = {}) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.List(call, std::move(query)));
  }
  auto GetSite(Caller caller, model::SiteId site) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.GetSite(call, world.acme, site));
  }
  auto Sites(Caller caller, std::optional<model::SiteGroupId> group = std::nullopt) {
    const model::Call call = world.CallBy(caller);
    SitesQuery query{world.acme, group, "", {}};
    return world.Wait(world.organizations.ListSites(call, std::move(query)));
  }
  auto GetGroup(Caller caller, model::SiteGroupId group) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.GetSiteGroup(call, world.acme, group));
  }
  auto Groups(Caller caller, std::optional<model::SiteId> site = std::nullopt) {
    const model::Call call = world.CallBy(caller);
    SiteGroupsQuery query{world.acme, site, "", {}};
    return world.Wait(world.organizations.ListSiteGroups(call, std::move(query)));
  }
  model::SiteGroupId AddGroup(const std::string& name) {
    const model::Call call = world.CallBy();
    organizations::NewSiteGroup draft{world.acme, name, "", {world.sites[1], world.sites[0]}};
    return world.Wait(world.organizations.CreateSiteGroup(call, std::move(draft)))->value.id;
  }

  World world;
};

TEST_F(ReadsTest, OrganizationIsFoundByIdOrByNameInAnyLetterCase) {
  const OrganizationName by_id{world.acme, std::nullopt};
  const OrganizationName by_name{std::nullopt, model::NameKey("ACME")};
  const OrganizationName unknown{std::nullopt, model::NameKey("Nowhere")};

  EXPECT_EQ(Get(std::nullopt, by_id)->name, "Acme");
  EXPECT_EQ(Get(world.ann, by_name)->id, world.acme);
  EXPECT_THAT(Get(std::nullopt, unknown),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(ReadsTest, OrganizationIsForActiveMembersAndSettingsForSome) {
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const OrganizationName by_id{world.acme, std::nullopt};
  const OrganizationName by_name{std::nullopt, model::NameKey("Acme")};

  EXPECT_TRUE(Get(world.ann, by_id)->settings_visible);
  EXPECT_FALSE(Get(ben, by_id)->settings_visible);
  for (const auto& name : {by_id, by_name}) {
    EXPECT_THAT(Get(birch.first_super_user, name),
                Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  }
  Suspend(ben);
  EXPECT_THAT(Get(ben, by_id), Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

TEST_F(ReadsTest, UsersListTheOrganizationsInWhichTheyAreActiveAndServicesAll) {
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));
  world.AddOrganization("birch", "bo@example.com");
  world.AddOrganization("Aspen", "ben@example.com");
  model::Call no_account = world.CallBy();
  no_account.caller.kind = model::Caller::Kind::kUser;
  OrganizationsQuery query;

  EXPECT_THAT(Names(List(std::nullopt)), testing::ElementsAre("Acme", "Aspen", "birch"));
  EXPECT_THAT(Names(List(ben)), testing::ElementsAre("Acme", "Aspen"));
  EXPECT_THAT(Names(world.Wait(world.organizations.List(no_account, query))), testing::IsEmpty());
  Suspend(ben);
  EXPECT_THAT(Names(List(ben)), testing::IsEmpty());
}

TEST_F(ReadsTest, WalkingThePagesShowsEachOrganizationOnce) {
  for (int i = 0; i < 6; ++i) world.AddOrganization(absl::StrCat("O", i), "ann@example.com");

  for (const Caller& caller : {Caller(), Caller(world.ann)}) {
    std::vector<std::string> walked;
    OrganizationsQuery query;
    query.paging.page_size = 3;
    do {
      const auto page = List(caller, query);
      ASSERT_THAT(page, IsOk());
      for (const auto& row : page->rows) walked.push_back(row.name);
      query.paging.after = page->next;
    } while (query.paging.after);
    EXPECT_THAT(walked, testing::ElementsAre("Acme", "O0", "O1", "O2", "O3", "O4", "O5"));
  }
}

TEST_F(ReadsTest, SitesOutsideTheSiteAccessSeemNotToBeThere) {
  const model::UserId ria =
      Join("ria@example.com", Role::kNetworkAdmin, *SiteAccess::Sites({world.sites[1]}));
  const model::UserId gus =
      Join("gus@example.com", Role::kHelpdesk, *SiteAccess::Groups({world.group}));
  const model::UserId sue =
      Join("sue@example.com", Role::kSuperObserver, *SiteAccess::Sites({world.sites[1]}));

  EXPECT_EQ(GetSite(ria, world.sites[1])->name, "Lyon");
  EXPECT_THAT(GetSite(ria, world.sites[0]), Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  EXPECT_THAT(GetSite(gus, world.sites[1]), Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  EXPECT_THAT(Names(Sites(ria)), testing::ElementsAre("Lyon"));
  EXPECT_THAT(Names(Sites(gus)), testing::ElementsAre("Berlin"));
  EXPECT_THAT(Names(Sites(sue)), testing::ElementsAre("Berlin", "Lyon"));
  EXPECT_THAT(Names(Sites(world.ann, world.group)), testing::ElementsAre("Berlin"));
}

TEST_F(ReadsTest, GroupsAreSeenByThoseWhoseSiteAccessNamesThem) {
  const model::SiteGroupId north = AddGroup("North");
  const model::UserId gus =
      Join("gus@example.com", Role::kHelpdesk, *SiteAccess::Groups({world.group}));
  const model::UserId ria =
      Join("ria@example.com", Role::kNetworkAdmin, *SiteAccess::Sites({world.sites[0]}));
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));

  EXPECT_EQ(GetGroup(gus, world.group)->sites, std::vector{world.sites[0]});
  EXPECT_THAT(GetGroup(gus, north), Refused(StatusCode::kNotFound, Reason::kSiteGroupNotFound));
  EXPECT_THAT(Names(Groups(gus)), testing::ElementsAre("Germany"));
  EXPECT_THAT(Names(Groups(ria)), testing::IsEmpty());
  EXPECT_THAT(Names(Groups(ben)), testing::ElementsAre("Germany", "North"));
  EXPECT_THAT(Names(Groups(world.ann, world.sites[1])), testing::ElementsAre("North"));
}

TEST_F(ReadsTest, GroupTellsItsSitesInTheOrderOfTheirIds) {
  const model::SiteGroupId north = AddGroup("North");

  EXPECT_EQ(GetGroup(world.ann, north)->sites, world.sites);
  EXPECT_EQ(Groups(std::nullopt)->rows[1].sites, world.sites);
}

TEST_F(ReadsTest, OtherOrganizationsSitesAndGroupsDoNotExist) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");
  const model::UserId bo = birch.first_super_user;

  EXPECT_THAT(GetSite(world.ann, foreign), Refused(StatusCode::kNotFound, Reason::kSiteNotFound));
  EXPECT_THAT(GetSite(bo, world.sites[0]),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(Sites(bo), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(GetGroup(bo, world.group),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(Groups(bo), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(ReadsTest, SuspendedMembersReadNothing) {
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));
  Suspend(ben);

  EXPECT_THAT(GetSite(ben, world.sites[0]),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(Sites(ben), Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(Groups(ben), Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

}  // namespace
}  // namespace usher::test
