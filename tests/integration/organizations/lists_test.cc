#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/places.h"

namespace usher::test {
namespace {

using organizations::Order;
using organizations::OrganizationsQuery;
using organizations::Page;
using organizations::SiteGroupsQuery;
using organizations::SitesQuery;
using testing::ElementsAre;

constexpr Order::By kOrders[] = {Order::By::kName, Order::By::kCreateTime, Order::By::kUpdateTime};

template <class T>
std::vector<std::string> Names(const absl::StatusOr<Page<T>>& page) {
  std::vector<std::string> names;
  for (const T& row : page->rows) names.push_back(row.name);
  return names;
}

class ListsTest : public PlacesTest {
 protected:
  absl::StatusOr<Page<organizations::Site>> Sites(SitesQuery query) {
    query.organization = world.acme;
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.organizations.ListSites(call, std::move(query)));
  }
  absl::StatusOr<Page<organizations::SiteGroup>> Groups(SiteGroupsQuery query) {
    query.organization = world.acme;
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.organizations.ListSiteGroups(call, std::move(query)));
  }
  absl::StatusOr<Page<organizations::Organization>> List(Caller caller, OrganizationsQuery query) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.List(call, std::move(query)));
  }
  SitesQuery Searching(const std::string& text) const {
    SitesQuery query;
    query.search = text;
    return query;
  }
  // The names on all pages of a list that `ask` asks for.
  template <class Query, class Ask>
  std::vector<std::string> Walk(Query query, Order order, int32_t page_size, const Ask& ask) {
    query.paging.order = order;
    query.paging.page_size = page_size;
    std::vector<std::string> walked;
    do {
      const auto page = ask(query);
      EXPECT_THAT(page, IsOk());
      for (const std::string& name : Names(page)) walked.push_back(name);
      query.paging.after = page->next;
    } while (query.paging.after);
    return walked;
  }
  // In every order both ways and with every page size, each row once and in the order of one page.
  template <class Query, class Ask>
  void ExpectEachOnce(const Query& query, size_t rows, const Ask& ask) {
    for (const Order::By by : kOrders) {
      for (const bool descending : {false, true}) {
        const auto whole = Walk(query, {by, descending}, 1000, ask);
        EXPECT_EQ(std::set<std::string>(whole.begin(), whole.end()).size(), rows);
        for (const int32_t size : {1, 3}) {
          EXPECT_EQ(Walk(query, {by, descending}, size, ask), whole);
        }
      }
    }
  }
};

TEST_F(ListsTest, R31WalkingThePagesShowsEachRowOnce) {
  for (int i = 0; i < 6; ++i) {
    world.AddSite(world.acme, absl::StrCat("S", i));
    world.AddOrganization(absl::StrCat("O", i), "ann@example.com");
  }
  world.database.Query("UPDATE usher.sites SET create_time = '2025-03-01', update_time = now()");
  world.database.Query("UPDATE usher.organizations SET create_time = '2025-03-01'");

  ExpectEachOnce(SitesQuery(), 8, [this](const SitesQuery& query) { return Sites(query); });
  for (const Caller& caller : {Caller(), Caller(world.ann)}) {
    ExpectEachOnce(OrganizationsQuery(), 7,
                   [this, caller](const OrganizationsQuery& query) { return List(caller, query); });
  }
}

TEST_F(ListsTest, OrdersAreBothWays) {
  SitesQuery query;
  query.paging.order = {Order::By::kName, true};
  world.database.Query(
      "UPDATE usher.sites SET update_time = now() + interval '1h'"
      " WHERE name = 'Berlin'");

  EXPECT_THAT(Names(Sites(query)), ElementsAre("Lyon", "Berlin"));
  query.paging.order = {Order::By::kUpdateTime, true};
  EXPECT_THAT(Names(Sites(query)), ElementsAre("Berlin", "Lyon"));
  query.paging.order = {Order::By::kUpdateTime, false};
  EXPECT_THAT(Names(Sites(query)), ElementsAre("Lyon", "Berlin"));
}

TEST_F(ListsTest, SearchFindsItsTextAnywhereInAnyLetterCase) {
  organizations::SiteUpdate update;
  update.organization = world.acme;
  update.site = world.sites[1];
  update.description = "Zweite GRÜNE Straße";
  update.address = "100 %_\\ Way";
  ASSERT_THAT(UpdateSite(update), IsOk());

  EXPECT_THAT(Names(Sites(Searching("ERLI"))), ElementsAre("Berlin"));
  EXPECT_THAT(Names(Sites(Searching("grüne"))), ElementsAre("Lyon"));
  EXPECT_THAT(Names(Sites(Searching("%_\\"))), ElementsAre("Lyon"));
  EXPECT_THAT(Names(Sites(Searching("%"))), ElementsAre("Lyon"));
  EXPECT_THAT(Names(Sites(Searching("nowhere"))), testing::IsEmpty());
}

TEST_F(ListsTest, GroupsAreSearchedToo) {
  SiteGroupsQuery query;
  query.search = "GERM";

  EXPECT_THAT(Names(Groups(query)), ElementsAre("Germany"));
  query.search = "_ermany";
  EXPECT_THAT(Names(Groups(query)), testing::IsEmpty());
}

TEST_F(ListsTest, OrganizationsAreFoundByNameAndTime) {
  world.AddOrganization("100% Birch", "bo@example.com");
  world.database.Query(
      "UPDATE usher.organizations SET create_time = '2025-03-01'"
      " WHERE name = 'Acme'");
  OrganizationsQuery by_name;
  by_name.search = "0% b";
  OrganizationsQuery by_time;
  by_time.created_from = absl::FromUnixSeconds(1740787200);  // 2025-03-01
  by_time.created_before = absl::FromUnixSeconds(1740873600);

  EXPECT_THAT(Names(List(std::nullopt, by_name)), ElementsAre("100% Birch"));
  EXPECT_THAT(Names(List(world.ann, by_name)), testing::IsEmpty());
  EXPECT_THAT(Names(List(std::nullopt, by_time)), ElementsAre("Acme"));
}

TEST_F(ListsTest, TotalCountsWhatTheCallerMaySee) {
  const model::UserId ria = Join("ria@example.com", model::Role::kNetworkAdmin,
                                 *model::SiteAccess::Sites({world.sites[1]}));
  world.AddOrganization("Birch", "bo@example.com");
  SitesQuery sites;
  sites.paging.count = true;
  sites.paging.page_size = 1;
  OrganizationsQuery all;
  all.paging.count = true;

  EXPECT_EQ(Sites(sites)->total, 2);
  sites.search = "lyon";
  EXPECT_EQ(Sites(sites)->total, 1);
  EXPECT_EQ(List(std::nullopt, all)->total, 2);
  EXPECT_EQ(List(ria, all)->total, 1);
  const model::Call call = world.CallBy(ria);
  SitesQuery own{world.acme, std::nullopt, "", sites.paging};
  EXPECT_EQ(world.Wait(world.organizations.ListSites(call, std::move(own)))->total, 1);
}

}  // namespace
}  // namespace usher::test
