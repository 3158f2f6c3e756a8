#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::AccessQuestion;
using model::AccessReason;
using model::Reason;
using model::Role;
using model::Scope;
using model::SiteAccess;

class CheckAccessTest : public MembersTest {
 protected:
  using Decisions = absl::StatusOr<std::vector<model::AccessDecision>>;

  AccessQuestion About(model::UserId user, const std::string& permission,
                       std::optional<model::SiteId> site = std::nullopt) const {
    return {user, world.acme, permission, site};
  }
  absl::StatusOr<model::AccessDecision> CheckBy(std::optional<model::UserId> caller,
                                                AccessQuestion question) {
    const model::Call call = world.CallBy(caller);
    const auto answer = world.Wait(world.directory.CheckAccess(call, std::move(question)));
    if (!answer.ok()) return answer.status();
    return answer->decision;
  }
  Decisions BatchBy(std::optional<model::UserId> caller, std::vector<AccessQuestion> questions) {
    const model::Call call = world.CallBy(caller);
    const auto answers = world.Wait(world.directory.BatchCheckAccess(call, std::move(questions)));
    if (!answers.ok()) return answers.status();
    return answers->decisions;
  }
  absl::StatusOr<directory::AccessibleSites> SitesBy(std::optional<model::UserId> caller,
                                                     directory::SitesQuestion question) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.directory.ListAccessibleSites(call, std::move(question)));
  }
  directory::SitesQuestion SitesOf(model::UserId user,
                                   std::optional<std::string> permission = std::nullopt) const {
    directory::SitesQuestion question;
    question.user = user;
    question.organization = world.acme;
    question.permission = std::move(permission);
    return question;
  }

  // A member of each role with each kind of site access; all but the first reach the first site.
  std::vector<model::UserId> JoinOneOfEach() {
    std::vector<model::UserId> members;
    for (const Role role : model::kRoles) {
      int kind = 0;
      for (const SiteAccess& access : Accesses()) {
        const std::string email =
            absl::StrCat("m", static_cast<int>(role), ".", ++kind, "@example.com");
        members.push_back(Join(email, role, access));
      }
    }
    return members;
  }
  std::vector<SiteAccess> Accesses() const {
    return {SiteAccess::All(), *SiteAccess::Groups({world.group}),
            *SiteAccess::Sites({world.sites[0]})};
  }
};

// The rule in the words of the API, beside the statement that answers by it.
AccessReason Expected(Scope scope, bool all_sites, bool site_asked, bool in_access) {
  if (scope == Scope::kNone) return AccessReason::kPermissionNotGranted;
  if (scope == Scope::kOrganization) return AccessReason::kGrantedByRole;
  if (all_sites) return AccessReason::kGrantedBySiteAccess;
  if (scope == Scope::kAllSitesOnly) return AccessReason::kAllSitesRequired;
  if (!site_asked) return AccessReason::kSiteRequired;
  return in_access ? AccessReason::kGrantedBySiteAccess : AccessReason::kSiteNotInAccess;
}

TEST_F(CheckAccessTest, R24EachRoleAndSiteAccessGivesWhatTheCatalogueSaysOnEachSite) {
  const std::vector<model::UserId> members = JoinOneOfEach();
  const std::vector<std::optional<model::SiteId>> places = {std::nullopt, world.sites[0],
                                                            world.sites[1]};
  for (size_t i = 0; i < members.size(); ++i) {
    const Role role = model::kRoles[i / 3];
    const bool all_sites = i % 3 == 0;
    std::vector<AccessQuestion> questions;
    std::vector<AccessReason> expected;
    for (const auto& permission : model::Permissions()) {
      for (const auto& place : places) {
        questions.push_back(About(members[i], std::string(permission.name), place));
        expected.push_back(Expected(model::Grant(role, permission.name), all_sites,
                                    place.has_value(), place == world.sites[0]));
      }
    }

    const Decisions decisions = BatchBy(std::nullopt, questions);

    ASSERT_THAT(decisions, IsOk());
    for (size_t n = 0; n < questions.size(); ++n) {
      SCOPED_TRACE(absl::StrCat(model::DisplayName(role).data(), " ", questions[n].permission));
      EXPECT_EQ((*decisions)[n].reason, expected[n]);
      EXPECT_EQ((*decisions)[n].allowed, expected[n] >= AccessReason::kGrantedByRole);
    }
    EXPECT_EQ(CheckBy(std::nullopt, questions[4])->reason, expected[4]);
  }
}

TEST_F(CheckAccessTest, R25ListsExactlyTheSitesOnWhichACheckWouldAllow) {
  const std::vector<model::UserId> members = JoinOneOfEach();
  std::vector<model::SiteId> sites = world.sites;
  std::sort(sites.begin(), sites.end());
  for (const model::UserId& member : members) {
    for (const auto& permission : model::Permissions()) {
      const std::string name(permission.name);
      std::vector<model::SiteId> allowed;
      for (const model::SiteId& site : sites) {
        if (CheckBy(std::nullopt, About(member, name, site))->allowed) allowed.push_back(site);
      }

      const auto listed = SitesBy(std::nullopt, SitesOf(member, name));

      ASSERT_THAT(listed, IsOk());
      EXPECT_EQ(listed->sites, allowed) << name;
      EXPECT_EQ(listed->all_sites, CheckBy(std::nullopt, About(member, name))->allowed) << name;
    }
  }
}

TEST_F(CheckAccessTest, R25SitesOfAMemberAreThoseOfTheirSiteAccess) {
  const model::UserId ria =
      Join("ria@example.com", Role::kNetworkAdmin, *SiteAccess::Sites({world.sites[0]}));
  const model::UserId gus =
      Join("gus@example.com", Role::kSuperObserver, *SiteAccess::Groups({world.group}));

  EXPECT_THAT(SitesBy(ria, SitesOf(ria))->sites, testing::ElementsAre(world.sites[0]));
  EXPECT_FALSE(SitesBy(ria, SitesOf(ria))->all_sites);
  EXPECT_THAT(SitesBy(gus, SitesOf(gus))->sites, testing::ElementsAre(world.sites[0]));
  EXPECT_THAT(SitesBy(gus, SitesOf(gus, "sites.read"))->sites.size(), 2U);
  EXPECT_TRUE(SitesBy(world.ann, SitesOf(world.ann))->all_sites);
  EXPECT_THAT(SitesBy(ria, SitesOf(ria, "no.such"))->sites, testing::IsEmpty());
}

TEST_F(CheckAccessTest, ChangeOfAGroupTakesEffectAtTheNextCheck) {
  const model::UserId gus =
      Join("gus@example.com", Role::kHelpdesk, *SiteAccess::Groups({world.group}));
  const AccessQuestion question = About(gus, "devices.operate", world.sites[1]);
  ASSERT_FALSE(CheckBy(gus, question)->allowed);
  world.database.Query(absl::StrCat(
      "INSERT INTO usher.site_group_sites (organization_id, site_group_id, site_id) VALUES ('",
      model::FormatUuid(world.acme.uuid()), "', '", model::FormatUuid(world.group.uuid()), "', '",
      model::FormatUuid(world.sites[1].uuid()), "')"));

  EXPECT_TRUE(CheckBy(gus, question)->allowed);
  EXPECT_EQ(SitesBy(gus, SitesOf(gus))->sites.size(), 2U);
}

TEST_F(CheckAccessTest, NobodyButAnActiveMemberHasSites) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const auto none = [&](model::UserId user) {
    const auto answer = SitesBy(std::nullopt, SitesOf(user));
    return answer->sites.empty() && !answer->all_sites;
  };
  EXPECT_FALSE(none(ben));
  EXPECT_TRUE(none(birch.first_super_user));
  EXPECT_TRUE(none(model::UserId()));
  SetMembership("status = 2", ben);
  EXPECT_TRUE(none(ben));
  SetMembership("status = 1, end_time = usher.now()", ben);
  EXPECT_TRUE(none(ben));
}

TEST_F(CheckAccessTest, WalkingThePagesOfSitesShowsEachOnce) {
  std::vector<model::SiteId> some;
  for (int i = 0; i < 9; ++i) some.push_back(world.AddSite(world.acme, absl::StrCat("Site ", i)));
  const model::UserId ria = Join("ria@example.com", Role::kNetworkAdmin, *SiteAccess::Sites(some));
  for (const auto& [user, count] : {std::pair{ria, 9U}, std::pair{world.ann, 11U}}) {
    directory::SitesQuestion question = SitesOf(user);
    question.page_size = 2;
    std::vector<model::SiteId> walked;
    do {
      const auto page = SitesBy(user, question);
      ASSERT_THAT(page, IsOk());
      walked.insert(walked.end(), page->sites.begin(), page->sites.end());
      question.after = page->next;
    } while (question.after);

    EXPECT_EQ(walked.size(), count);
    EXPECT_TRUE(std::is_sorted(walked.begin(), walked.end()));
    EXPECT_EQ(std::adjacent_find(walked.begin(), walked.end()), walked.end());
  }
}

TEST_F(CheckAccessTest, TellsTheFirstOfSeveralReasons) {
  const model::UserId ben =
      Join("ben@example.com", Role::kObserver, *SiteAccess::Sites({world.sites[0]}));
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");
  const auto reason = [&](const AccessQuestion& question) {
    return CheckBy(std::nullopt, question)->reason;
  };

  EXPECT_EQ(reason(About(model::UserId(), "no.such", foreign)), AccessReason::kUnknownPermission);
  EXPECT_EQ(reason(About(birch.first_super_user, "sites.read", foreign)),
            AccessReason::kNotAMember);
  EXPECT_EQ(reason({ben, model::OrganizationId(), "sites.read", std::nullopt}),
            AccessReason::kNotAMember);
  EXPECT_EQ(reason(About(ben, "members.read", foreign)), AccessReason::kPermissionNotGranted);
  EXPECT_EQ(reason(About(ben, "sites.read", foreign)), AccessReason::kUnknownSite);
  EXPECT_EQ(reason(About(ben, "organization.view", foreign)), AccessReason::kUnknownSite);
  EXPECT_EQ(reason(About(ben, "inventory.read", world.sites[0])), AccessReason::kAllSitesRequired);
  SetMembership("status = 2", ben);
  EXPECT_EQ(reason(About(ben, "members.read")), AccessReason::kSuspended);
  SetMembership("end_time = usher.now()", ben);
  EXPECT_EQ(reason(About(ben, "members.read")), AccessReason::kEnded);
}

TEST_F(CheckAccessTest, BatchAnswersEachQuestionInItsOwnOrganization) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId bo = birch.first_super_user;

  const Decisions decisions =
      BatchBy(std::nullopt, {{bo, birch.organization.id, "members.write", std::nullopt},
                             About(bo, "members.write"),
                             About(world.ann, "members.write"),
                             About(world.ann, "members.write", world.sites[1])});

  ASSERT_THAT(decisions, IsOk());
  std::vector<bool> allowed;
  for (const auto& decision : *decisions) allowed.push_back(decision.allowed);
  EXPECT_THAT(allowed, testing::ElementsAre(true, false, true, true));
}

TEST_F(CheckAccessTest, WhoIsAskedAboutHasAccessedToWithinAnHour) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto accessed = [&](const std::string& people) {
    const auto is_so = [&] {
      return world.database.Value(
                 "SELECT count(*) FROM usher.users WHERE last_access_time IS NOT NULL") == people;
    };
    for (int turn = 0; turn < 500 && !is_so(); ++turn) {
      world.lane.RunOnce(world.lane.now() + std::chrono::milliseconds(10));
    }
    return is_so();
  };
  const AccessQuestion about_ann = About(world.ann, "sites.read");

  ASSERT_THAT(CheckBy(std::nullopt, about_ann), IsOk());
  EXPECT_TRUE(accessed("1"));
  ASSERT_THAT(BatchBy(std::nullopt, {about_ann, About(ben, "sites.read")}), IsOk());
  EXPECT_TRUE(accessed("2"));
}

TEST_F(CheckAccessTest, PositionIsBeforeEveryChangeThatIsNotSeen) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::Call call = world.CallBy();

  const auto answer = world.Wait(world.directory.CheckAccess(call, About(ben, "devices.operate")));
  const auto changed = Update(RoleOf(ben, Role::kHelpdesk));

  EXPECT_FALSE(answer->decision.allowed);
  EXPECT_GT(std::stoll(answer->position), 0);
  EXPECT_LT(std::stoll(answer->position), std::stoll(changed->position));
}

TEST_F(CheckAccessTest, OthersAreForThoseWhoMayReadMembers) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId bo = birch.first_super_user;
  const AccessQuestion about_ann = About(world.ann, "sites.read");
  const AccessQuestion about_ben = About(ben, "sites.read");
  const AccessQuestion about_bo = About(bo, "sites.read");

  EXPECT_THAT(BatchBy(ben, {about_ben, about_ann}),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(BatchBy(ben, {about_ben, about_ben}), IsOk());
  EXPECT_THAT(BatchBy(bo, {about_bo, about_ben}),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(BatchBy(bo, {about_bo})->front().reason, AccessReason::kNotAMember);
  EXPECT_THAT(BatchBy(world.ann, {about_ben, about_bo}), IsOk());
  EXPECT_THAT(SitesBy(ben, SitesOf(world.ann)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(SitesBy(bo, SitesOf(world.ann)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(SitesBy(world.ann, SitesOf(ben)), IsOk());
}

}  // namespace
}  // namespace usher::test
