#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::MembershipFilterStatus;
using directory::MembershipsQuery;
using model::Reason;
using model::Role;
using model::SiteAccess;

class ListMembershipsTest : public MembersTest {
 protected:
  using Page = absl::StatusOr<directory::MembershipsPage>;

  Page List(std::optional<model::UserId> caller, MembershipsQuery query) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.directory.ListMemberships(call, std::move(query)));
  }
  MembershipsQuery OfAcme() const {
    MembershipsQuery query;
    query.organization = world.acme;
    return query;
  }
  static MembershipsQuery Of(model::UserId user) {
    MembershipsQuery query;
    query.user.emplace().id = user;
    return query;
  }
  // What tells the rows of either list apart.
  static std::vector<std::string> Names(const Page& page) {
    std::vector<std::string> names;
    for (const auto& membership : page->memberships) {
      names.push_back(membership.organization_name + " " + membership.user.email);
    }
    return names;
  }
  std::vector<std::string> Walk(MembershipsQuery query, int32_t page_size) {
    query.page_size = page_size;
    std::vector<std::string> walked;
    do {
      const Page page = List(std::nullopt, query);
      EXPECT_THAT(page, IsOk());
      for (std::string& name : Names(page)) walked.push_back(std::move(name));
      query.after = page->next;
    } while (query.after);
    return walked;
  }
  // The local parts of the addresses that pass a filter, in Acme.
  std::string Found(const directory::MembershipsFilter& filter) {
    MembershipsQuery query = OfAcme();
    query.filter = filter;
    query.with_total = true;
    const Page page = List(world.ann, query);
    EXPECT_EQ(static_cast<size_t>(page->total), page->memberships.size());
    std::string found;
    for (const auto& membership : page->memberships) {
      absl::StrAppend(&found, membership.user.email.substr(0, 3), " ");
    }
    return found;
  }
};

// All rows are alike but for some that have an end, so that mostly the id breaks ties.
TEST_F(ListMembershipsTest, R31WalkingThePagesInAnyOrderShowsEachOnce) {
  for (int i = 0; i < 9; ++i) Join(absl::StrCat("m", i, "@example.com"), Role::kObserver);
  for (int i = 0; i < 9; ++i) world.AddOrganization(absl::StrCat("O", i), "ann@example.com");
  world.database.Query(
      "UPDATE usher.memberships SET create_time = '2025-03-10T00:00:00Z',"
      " update_time = '2025-03-10T00:00:00Z'");
  world.database.Query(
      "UPDATE usher.memberships SET end_time = '2099-01-01' WHERE user_id IN "
      "(SELECT id FROM usher.users WHERE email < 'm4')");

  for (const MembershipsQuery& start : {OfAcme(), Of(world.ann)}) {
    for (const std::string_view column : directory::MembershipsColumns(start.user.has_value())) {
      for (const bool descending : {true, false}) {
        MembershipsQuery query = start;
        query.order = {std::string(column), descending};
        SCOPED_TRACE(absl::StrCat(query.order.column, descending ? " desc" : ""));
        const std::vector<std::string> at_once = Names(List(std::nullopt, query));

        EXPECT_EQ(std::set<std::string>(at_once.begin(), at_once.end()).size(), 10U);
        EXPECT_EQ(Walk(query, 1), at_once);
        EXPECT_EQ(Walk(query, 4), at_once);
      }
    }
  }
}

TEST_F(ListMembershipsTest, R32EmptyValuesComeLastBothWays) {
  for (int i = 0; i < 6; ++i) Join(absl::StrCat("m", i, "@example.com"), Role::kObserver);
  world.database.Query(
      "UPDATE usher.memberships SET end_time = '2099-01-01' WHERE user_id IN "
      "(SELECT id FROM usher.users WHERE email IN ('m1@example.com',"
      " 'm2@example.com'))");
  for (const bool descending : {true, false}) {
    MembershipsQuery query = OfAcme();
    query.order = {"end_time", descending};

    const auto page = List(std::nullopt, query);

    for (size_t i = 0; i < page->memberships.size(); ++i) {
      EXPECT_EQ(page->memberships[i].end_time.has_value(), i < 2);
    }
  }
}

TEST_F(ListMembershipsTest, OrdersByWhatIsAsked) {
  Join("zoe@example.com", Role::kHelpdesk);
  Join("Ben@example.com", Role::kObserver);
  world.AddOrganization("aspen", "ann@example.com");
  MembershipsQuery by_email = OfAcme();
  by_email.order = {"email", false};
  MembershipsQuery by_role = OfAcme();
  by_role.order = {"role", true};
  MembershipsQuery by_name = Of(world.ann);
  by_name.order = {"organization_display_name", true};

  EXPECT_THAT(
      Names(List(std::nullopt, by_email)),
      testing::ElementsAre("Acme ann@example.com", "Acme Ben@example.com", "Acme zoe@example.com"));
  EXPECT_THAT(
      Names(List(std::nullopt, by_role)),
      testing::ElementsAre("Acme zoe@example.com", "Acme Ben@example.com", "Acme ann@example.com"));
  EXPECT_THAT(Names(List(std::nullopt, by_name)),
              testing::ElementsAre("aspen ann@example.com", "Acme ann@example.com"));
}

TEST_F(ListMembershipsTest, FiltersByStatusAtTheMomentAndByRole) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const model::UserId eve = Join("eve@example.com", Role::kHelpdesk);
  SetMembership("status = 2", ben);
  SetMembership("status = 2, end_time = usher.now()", eve);

  EXPECT_EQ(Found({{MembershipFilterStatus::kSuspended}, {}, {}, {}}), "ben ");
  EXPECT_EQ(Found({{MembershipFilterStatus::kEnded}, {}, {}, {}}), "eve ");
  EXPECT_EQ(Found({{MembershipFilterStatus::kActive, MembershipFilterStatus::kEnded}, {}, {}, {}}),
            "ann eve ");
  EXPECT_EQ(Found({{}, {Role::kSuperUser}, {}, {}}), "ann ");
  EXPECT_EQ(Found({{MembershipFilterStatus::kSuspended}, {Role::kHelpdesk}, {}, {}}), "");
}

TEST_F(ListMembershipsTest, FiltersByTheSitesThatTheSiteAccessIncludesNow) {
  Join("ben@example.com", Role::kObserver, *SiteAccess::Sites({world.sites[1]}));
  Join("gus@example.com", Role::kObserver, *SiteAccess::Groups({world.group}));
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");

  EXPECT_EQ(Found({{}, {}, world.sites[0], {}}), "ann gus ");
  EXPECT_EQ(Found({{}, {}, world.sites[1], {}}), "ann ben ");
  EXPECT_EQ(Found({{}, {}, foreign, {}}), "");
  EXPECT_EQ(Found({{}, {}, {}, world.group}), "gus ");
  MembershipsQuery own = Of(birch.first_super_user);
  own.filter.site = foreign;
  EXPECT_EQ(List(birch.first_super_user, own)->memberships.size(), 1U);
  own.filter.site = world.sites[0];
  EXPECT_TRUE(List(birch.first_super_user, own)->memberships.empty());
}

TEST_F(ListMembershipsTest, AreForThoseWhoMayReadMembersAndForOneself) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");

  EXPECT_THAT(List(ben, OfAcme()),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(List(birch.first_super_user, OfAcme()),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(List(ben, Of(ben))->memberships.size(), 1U);
  EXPECT_THAT(List(world.ann, Of(ben)), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

}  // namespace
}  // namespace usher::test
