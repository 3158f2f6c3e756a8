#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;
using organizations::Changed;
using organizations::NewOrganization;
using organizations::Organizations;
using organizations::SiteGroup;
using organizations::SiteGroupSites;

class OrganizationsTest : public testing::Test {
 protected:
  NewOrganization Draft(const std::string& name, const std::string& email) {
    NewOrganization draft;
    draft.name = name;
    draft.settings.invitation_lifetime = absl::Hours(24);
    draft.first_super_user =
        organizations::FirstSuperUser{*model::Email::Parse(email), "First", "Last"};
    return draft;
  }
  absl::StatusOr<Organizations::Created> Create(NewOrganization draft) {
    const model::Call call = world.CallBy();
    return world.Wait(world.organizations.Create(call, std::move(draft)));
  }
  absl::StatusOr<Changed<SiteGroup>> SetSites(std::vector<model::SiteId> sites,
                                              std::optional<int64_t> revision = std::nullopt) {
    const model::Call call = world.CallBy(world.ann);
    SiteGroupSites change{world.acme, world.group, std::move(sites), revision};
    return world.Wait(world.organizations.SetSiteGroupSites(call, std::move(change)));
  }
  std::vector<std::string> SitesOfGroup() {
    return world.database.Query(
        "SELECT s.name FROM usher.site_group_sites m JOIN usher.sites s"
        " ON s.organization_id = m.organization_id AND s.id = m.site_id ORDER BY s.name");
  }

  World world;
};

TEST_F(OrganizationsTest, FirstSuperUserIsFoundByAddressOrCreated) {
  const auto known = Create(Draft("Birch", "Ann@Example.com"));
  const auto unknown = Create(Draft("Cedar", "cy@example.com"));

  ASSERT_THAT(known, IsOk());
  ASSERT_THAT(unknown, IsOk());
  EXPECT_EQ(known->first_super_user, world.ann);
  EXPECT_NE(unknown->first_super_user, world.ann);
  EXPECT_EQ(known->organization.settings.invitation_lifetime, absl::Hours(24));
}

TEST_F(OrganizationsTest, UserBecomesFirstSuperUserOfTheirOwnOrganization) {
  const model::Call call = world.CallBy(world.ann);
  NewOrganization draft;
  draft.name = "Own";

  const auto created = world.Wait(world.organizations.Create(call, draft));

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->first_super_user, world.ann);
}

TEST_F(OrganizationsTest, FounderWithoutAnAccountIsTheActorAndKeepsTheIdentity) {
  model::Call call = world.CallBy();
  call.caller.kind = model::Caller::Kind::kUser;
  call.caller.identity = {"https://id.example.com", "fay"};

  const auto founded =
      world.Wait(world.organizations.Create(call, Draft("Fay's", "fay@example.com")));
  const auto made_by_service = Create(Draft("Gus's", "gus@example.com"));

  ASSERT_THAT(founded, IsOk());
  ASSERT_THAT(made_by_service, IsOk());
  EXPECT_THAT(
      world.database.Query("SELECT concat_ws('|', o.name, e.type, u.email) FROM usher.events e"
                           " JOIN usher.organizations o ON o.id = e.organization_id"
                           " LEFT JOIN usher.users u ON u.id = e.actor_user_id"
                           " WHERE o.name <> 'Acme' ORDER BY o.name, e.type"),
      testing::ElementsAre("Fay's|membership.created|fay@example.com",
                           "Fay's|organization.created|fay@example.com", "Gus's|membership.created",
                           "Gus's|organization.created"));
  EXPECT_THAT(
      world.database.Query("SELECT concat_ws('|', i.subject, u.email) FROM usher.user_identities i"
                           " JOIN usher.users u ON u.id = i.user_id"),
      testing::ElementsAre("fay|fay@example.com"));
}

TEST_F(OrganizationsTest, UserWhoDoesNotExistFoundsNothing) {
  const model::Call call = world.CallBy(model::UserId(world.ids.Next()));
  NewOrganization draft;
  draft.name = "Nobody's";

  EXPECT_THAT(world.Wait(world.organizations.Create(call, draft)),
              Refused(StatusCode::kUnauthenticated, Reason::kCallerUnknown));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.organizations"), "1");
}

TEST_F(OrganizationsTest, NameIsTakenInAnyLetterCaseAndNothingIsLeftBehind) {
  EXPECT_THAT(Create(Draft("ACME", "new@example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kOrganizationExists));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.users"), "1");
}

TEST_F(OrganizationsTest, OneOfTwentyOfTheSameNameAtOnceIsCreated) {
  const model::Call call = world.CallBy();
  std::vector<async::Task<absl::StatusOr<Organizations::Created>>> tasks;
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(
        world.organizations.Create(call, Draft("Race", absl::StrCat("r", i, "@example.com"))));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  EXPECT_EQ(
      std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.ok(); }),
      1);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.users"), "2");
}

TEST_F(OrganizationsTest, OneUserFoundsTwentyOrganizationsAtOnce) {
  const model::Call call = world.CallBy();
  std::vector<async::Task<absl::StatusOr<Organizations::Created>>> tasks;
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(
        world.organizations.Create(call, Draft(absl::StrCat("O", i), "one@example.com")));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->first_super_user, answers[0]->first_super_user);
  }
}

TEST_F(OrganizationsTest, SiteNamesAreUniqueWithinTheirOrganization) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  world.AddSite(birch.organization.id, "Berlin");
  const model::Call call = world.CallBy(world.ann);
  organizations::NewSite draft{world.acme, "BERLIN", "", "", {}};

  EXPECT_THAT(world.Wait(world.organizations.CreateSite(call, draft)),
              Refused(StatusCode::kAlreadyExists, Reason::kSiteExists));
}

TEST_F(OrganizationsTest, SiteKeepsWhatDescribesIt) {
  const model::Call call = world.CallBy(world.ann);
  organizations::NewSite draft{world.acme, "Oslo", "North", "Street 1", {{"tier", "1"}}};

  const auto created = world.Wait(world.organizations.CreateSite(call, draft));

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->value.description, "North");
  EXPECT_EQ(created->value.address, "Street 1");
  EXPECT_EQ(created->value.labels, draft.labels);
}

TEST_F(OrganizationsTest, GroupNamesEverySiteThatTheOrganizationDoesNotHave) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");

  const auto refused = SetSites({world.sites[0], foreign});

  ASSERT_THAT(refused, Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_EQ(model::RefusalOf(refused.status())->fields[0].field, "site_ids[1]");
  EXPECT_THAT(SitesOfGroup(), testing::ElementsAre("Berlin"));
}

TEST_F(OrganizationsTest, StaleEtagChangesNothing) {
  const auto first = SetSites({world.sites[1]}, 1);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->value.revision, 2);

  EXPECT_THAT(SetSites({}, 1), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(SitesOfGroup(), testing::ElementsAre("Lyon"));
  EXPECT_THAT(SetSites({}, 2), IsOk());
  EXPECT_THAT(SitesOfGroup(), testing::IsEmpty());
}

// Whoever comes last must win whole: never the union of two sets.
TEST_F(OrganizationsTest, ConcurrentChangesOfAGroupLeaveOneOfTheSets) {
  for (int round = 0; round < 20; ++round) {
    const model::Call call = world.CallBy(world.ann);
    std::vector<async::Task<absl::StatusOr<Changed<SiteGroup>>>> tasks;
    for (const model::SiteId& site : world.sites) {
      SiteGroupSites change{world.acme, world.group, {site}, std::nullopt};
      tasks.push_back(world.organizations.SetSiteGroupSites(call, std::move(change)));
    }

    const auto answers = world.WaitAll(std::move(tasks));

    for (const auto& answer : answers) ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(SitesOfGroup().size(), 1U);
  }
}

TEST_F(OrganizationsTest, ChangesAreForSuperUsers) {
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const model::Call by_observer = world.CallBy(observer);
  organizations::NewSite site{world.acme, "Oslo", "", "", {}};
  organizations::NewSiteGroup group{world.acme, "North", "", {}};
  SiteGroupSites sites{world.acme, world.group, {}, std::nullopt};

  EXPECT_THAT(world.Wait(world.organizations.CreateSite(by_observer, site)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.organizations.CreateSiteGroup(by_observer, group)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.organizations.SetSiteGroupSites(by_observer, sites)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

}  // namespace
}  // namespace usher::test
