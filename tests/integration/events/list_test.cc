#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "events/events.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using events::Event;
using events::ListQuery;
using model::Reason;
using model::Role;
using model::SiteAccess;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Optional;

std::vector<std::string> Types(const std::vector<Event>& listed) {
  std::vector<std::string> types;
  for (const Event& event : listed) types.push_back(event.type);
  return types;
}

class ListTest : public testing::Test {
 protected:
  using Caller = std::optional<model::UserId>;

  absl::StatusOr<events::EventPage> List(Caller caller, ListQuery query) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(log.List(call, std::move(query)));
  }
  absl::StatusOr<events::EventPage> OfAcme(Caller caller) { return List(caller, InOrder()); }
  std::vector<std::string> TypesOf(ListQuery query) {
    const auto page = List(std::nullopt, std::move(query));
    return page.ok() ? Types(page->events) : std::vector<std::string>{page.status().ToString()};
  }
  // Acme's, oldest first.
  ListQuery InOrder() const {
    ListQuery query;
    query.scope.organization = world.acme;
    query.newest_first = false;
    return query;
  }
  model::UserId Join(const std::string& email, Role role, const SiteAccess& access) {
    auto draft = world.Draft(email);
    draft.role = role;
    draft.access = access;
    return world.Join(draft);
  }

  World world;
  events::Events log{world.db};
};

TEST_F(ListTest, TellsWhatHappenedInAnOrganizationInOrder) {
  const auto invited = world.Invite(world.Draft("ben@example.com"));

  const auto page = OfAcme(world.ann);

  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Types(page->events),
              ElementsAre("organization.created", "membership.created", "site.created",
                          "site.created", "site_group.created", "invitation.created"));
  EXPECT_THAT(page->events, Each(Field(&Event::organization, Optional(world.acme))));
  const Event& last = page->events.back();
  EXPECT_EQ(last.subject, invited->invitation.id.uuid());
  EXPECT_EQ(last.actor_user, world.ann);
  EXPECT_EQ(last.actor_name, "Ann Example");
  EXPECT_EQ(last.actor_service, "");
  EXPECT_EQ(last.call_id, "test");
  EXPECT_EQ(std::to_string(last.position.xact), invited->position);
  EXPECT_EQ(page->next, std::nullopt);
}

TEST_F(ListTest, NamesTheServiceAndTheUserItActsFor) {
  model::Call call = world.CallBy(world.ann);
  call.caller.service = "portal";
  ASSERT_THAT(world.Wait(world.invitations.Create(call, world.Draft("ben@example.com"))), IsOk());
  ListQuery query = InOrder();
  query.filter.actor_service = "portal";

  const auto page = List(world.ann, query);

  ASSERT_THAT(page, IsOk());
  ASSERT_THAT(Types(page->events), ElementsAre("invitation.created"));
  EXPECT_EQ(page->events[0].actor_service, "portal");
  EXPECT_EQ(page->events[0].actor_user, world.ann);
}

TEST_F(ListTest, ShowsAnOrganizationToThoseWhoMayReadItsEvents) {
  const auto all = Join("all@example.com", Role::kNetworkAdmin, SiteAccess::All());
  const auto some =
      Join("some@example.com", Role::kNetworkAdmin, *SiteAccess::Sites({world.sites[0]}));
  const auto super = Join("super@example.com", Role::kSuperObserver, SiteAccess::All());
  const auto observer = Join("observer@example.com", Role::kObserver, SiteAccess::All());
  const auto other = world.AddOrganization("Birch", "bo@example.com");

  for (const auto& reader : {world.ann, all, super}) {
    EXPECT_THAT(OfAcme(reader), IsOk());
  }
  for (const auto& member : {some, observer}) {
    EXPECT_THAT(OfAcme(member), Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  }
  EXPECT_THAT(OfAcme(other.first_super_user),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(ListTest, ServicesReadWhatADeletedOrganizationLeft) {
  ListQuery gone = InOrder();
  gone.scope.organization = model::OrganizationId(world.ids.Next());
  EXPECT_THAT(List(std::nullopt, gone),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));

  world.database.Query(absl::StrCat("UPDATE usher.events SET organization_id = '",
                                    model::FormatUuid(gone.scope.organization->uuid()),
                                    "' WHERE type = 'site.created'"));

  EXPECT_THAT(TypesOf(gone), ElementsAre("site.created", "site.created"));
  EXPECT_THAT(List(world.ann, gone), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(ListTest, ShowsUsersWhatIsAboutThemselves) {
  const auto ben = Join("ben@example.com", Role::kObserver, SiteAccess::All());
  ListQuery own;
  own.scope.user = ben;
  own.newest_first = false;

  const auto page = List(ben, own);

  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Types(page->events), ElementsAre("invitation.accepted"));
  EXPECT_THAT(page->events, Each(Field(&Event::user, Optional(ben))));
  own.scope.user = world.ann;
  EXPECT_THAT(TypesOf(own), ElementsAre("membership.created"));
}

TEST_F(ListTest, WalksPagesInBothDirections) {
  for (int i = 0; i < 20; ++i) world.AddSite(world.acme, absl::StrCat("Site ", i));
  for (const bool newest_first : {false, true}) {
    for (const int size : {1, 7, 100}) {
      ListQuery query = InOrder();
      query.newest_first = newest_first;
      query.page_size = size;
      std::vector<events::Position> walked;
      do {
        const auto page = List(world.ann, query);
        ASSERT_THAT(page, IsOk());
        for (const Event& event : page->events) walked.push_back(event.position);
        query.after = page->next;
      } while (query.after);

      EXPECT_EQ(std::set(walked.begin(), walked.end()).size(), 25U);
      EXPECT_EQ(walked.size(), 25U);
      if (newest_first) std::reverse(walked.begin(), walked.end());
      EXPECT_TRUE(std::is_sorted(walked.begin(), walked.end()));
    }
  }
}

TEST_F(ListTest, FiltersByTypeSubjectActorAndTime) {
  const auto ben = Join("ben@example.com", Role::kObserver, SiteAccess::All());
  ListQuery query = InOrder();
  query.filter.types = {"site_group.created"};
  query.filter.things = {"invitation"};
  EXPECT_THAT(TypesOf(query),
              ElementsAre("site_group.created", "invitation.created", "invitation.accepted"));

  query.filter = {};
  query.filter.subject = world.sites[1].uuid();
  EXPECT_THAT(TypesOf(query), ElementsAre("site.created"));

  query.filter = {};
  query.filter.actor_user = ben;
  EXPECT_THAT(TypesOf(query), ElementsAre("invitation.accepted"));

  world.database.MoveClock(absl::Hours(2));
  world.AddSite(world.acme, "Late");
  query.filter = {};
  query.filter.start = absl::Now() + absl::Hours(1);
  EXPECT_THAT(TypesOf(query), ElementsAre("site.created"));
  query.filter.end = query.filter.start;
  EXPECT_THAT(TypesOf(query), IsEmpty());
  query.filter.start = std::nullopt;
  EXPECT_THAT(TypesOf(query), IsSupersetOf({"organization.created", "invitation.accepted"}));
}

// Streams filter in memory, lists in SQL.
TEST_F(ListTest, FilterInMemoryDecidesLikeTheOneInSql) {
  Join("ben@example.com", Role::kObserver, SiteAccess::All());
  model::Call call = world.CallBy(world.ann);
  call.caller.service = "portal";
  ASSERT_THAT(world.Wait(world.invitations.Create(call, world.Draft("eve@example.com"))), IsOk());
  world.database.Query(
      "INSERT INTO usher.events (organization_id, type, subject_id, origin, after, create_time) "
      "SELECT id, 'suppression.created', gen_random_uuid(), '{}', "
      "'{\"email\": \"zoe@example.com\"}', usher.now() FROM usher.organizations");
  const auto all = List(std::nullopt, InOrder());
  std::vector<events::Filter> filters(8);
  filters[1].types = {"site.created", "invitation.accepted"};
  filters[2].things = {"site_group", "membership"};
  filters[3].actor_user = world.ann;
  filters[4].actor_service = "portal";
  filters[5].subject = world.group.uuid();
  filters[6].address = "zoe@example.com";
  filters[7].things = {"site"};
  filters[7].subject = world.group.uuid();

  for (const events::Filter& filter : filters) {
    ListQuery query = InOrder();
    query.filter = filter;
    std::vector<Event> matching;
    for (const Event& event : all->events) {
      if (filter.Matches(event)) matching.push_back(event);
    }

    EXPECT_EQ(TypesOf(query), Types(matching));
  }
}

}  // namespace
}  // namespace usher::test
