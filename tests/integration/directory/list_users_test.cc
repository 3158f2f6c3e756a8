#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::Entry;
using directory::EntryStatus;
using directory::UsersQuery;
using model::Reason;
using model::Role;
using model::SiteAccess;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class ListUsersTest : public testing::Test {
 protected:
  absl::StatusOr<directory::UsersPage> List(UsersQuery query) {
    const model::Call call = world.CallBy(world.ann);
    query.organization = world.acme;
    return world.Wait(world.directory.ListUsers(call, std::move(query)));
  }
  std::vector<std::string> Emails(const UsersQuery& query) {
    const auto page = List(query);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> emails;
    for (const auto& entry : page->entries) emails.push_back(entry.email);
    return emails;
  }
  std::vector<std::string> EmailsWith(EntryStatus status) {
    UsersQuery query;
    query.filter.statuses = {status};
    return Emails(query);
  }
  std::vector<std::string> Found(const std::string& needle) {
    UsersQuery query;
    query.filter.search = needle;
    return Emails(query);
  }
  // The emails of all pages of this size, in their order.
  std::vector<std::string> Walk(UsersQuery query, int32_t page_size) {
    std::vector<std::string> walked;
    query.page_size = page_size;
    do {
      const auto page = List(query);
      EXPECT_THAT(page, IsOk());
      for (const auto& entry : page->entries) walked.push_back(entry.email);
      query.after = page->next;
    } while (query.after);
    return walked;
  }
  void ExpectTheSameInAnyPages(const UsersQuery& query, size_t rows,
                               const std::vector<int32_t>& page_sizes) {
    const std::vector<std::string> all = Walk(query, 1000);
    EXPECT_EQ(all.size(), rows);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), rows);
    for (const int32_t page_size : page_sizes) {
      EXPECT_EQ(Walk(query, page_size), all)
          << query.order.column << query.order.descending << page_size;
    }
  }
  template <class Value>
  void ExpectOrder(const std::string& column, Value value) {
    for (const bool descending : {false, true}) {
      UsersQuery query;
      query.order = {column, descending};
      query.page_size = 1000;
      const auto page = List(query);
      std::vector<decltype(value(page->entries[0]))> values;
      for (const Entry& entry : page->entries) values.push_back(value(entry));
      if (descending) std::reverse(values.begin(), values.end());
      EXPECT_TRUE(std::is_sorted(values.begin(), values.end())) << column << descending;
    }
  }
  model::UserId Join(const std::string& email, const std::string& first_name,
                     const std::string& last_name) {
    auto draft = world.Draft(email);
    draft.first_name = first_name;
    draft.last_name = last_name;
    return world.Join(std::move(draft));
  }
  void Invite(const std::string& email, const std::string& first_name = "Given",
              const std::string& last_name = "Family") {
    auto draft = world.Draft(email);
    draft.first_name = first_name;
    draft.last_name = last_name;
    ASSERT_THAT(world.Invite(std::move(draft)), IsOk());
  }
  // Besides Ann, this many members and invitations, alike but for their ids and addresses.
  void Fill(int members, int invitations) {
    world.database.Query(absl::StrCat(R"sql(
      WITH u AS (
        INSERT INTO usher.users (id, email, email_key, first_name, last_name, create_time,
                                 update_time)
        SELECT gen_random_uuid(), 'm' || g || '@example.com', 'm' || g || '@example.com', 'Kim',
               'Lee', o.create_time, o.create_time
        FROM usher.organizations o, generate_series(1, )sql",
                                      members, R"sql() g RETURNING id)
      SELECT set_config('test.users', array_agg(id)::text, false) FROM u;
      INSERT INTO usher.memberships (organization_id, user_id, role, site_access, create_time,
                                     update_time)
      SELECT o.id, unnest(current_setting('test.users')::uuid[]), 3, 1, o.create_time,
             o.create_time
      FROM usher.organizations o;
      INSERT INTO usher.invitations (
        organization_id, id, email, email_key, first_name, last_name, role, site_access,
        expire_time, delivery, create_time, update_time)
      SELECT o.id, gen_random_uuid(), 'i' || g || '@example.com', 'i' || g || '@example.com', 'Kim',
             'Lee', 3, 1, o.create_time + interval '1 day', 1, o.create_time, o.create_time
      FROM usher.organizations o, generate_series(1, )sql",
                                      invitations, ") g"));
  }
  void FillWithAllKinds() {
    world.tampered = true;
    Fill(20, 20);
    world.database.Query(
        "UPDATE usher.memberships SET role = 1 + ascii(user_id::text) % 7, status = 1 + role % 2,"
        " create_time = create_time + ascii(user_id::text) * interval '1 minute'"
        " WHERE email_key <> 'ann@example.com';"
        "UPDATE usher.invitations SET role = 1 + ascii(id::text) % 7,"
        " state = CASE ascii(id::text) % 2 WHEN 0 THEN 1 ELSE 3 END,"
        " create_time = create_time + ascii(id::text) * interval '1 minute',"
        " expire_time = expire_time - ascii(id::text) * interval '1 hour'");
  }
  void SetMembership(const std::string& change, const std::string& email) {
    world.database.Query(absl::StrCat("UPDATE usher.memberships m SET ", change,
                                      " FROM usher.users u WHERE u.id = m.user_id AND u.email = '",
                                      email, "'"));
  }

  World world;
};

TEST_F(ListUsersTest, ListsMembersAndTheOpenInvitationsOfOtherAddresses) {
  world.tampered = true;
  Join("ben@example.com", "Ben", "B");
  SetMembership("status = 2", "ben@example.com");
  Invite("old@example.com");
  world.database.Query(
      "UPDATE usher.invitations SET expire_time = usher.now() WHERE email_key = 'old@example.com'");
  Invite("no@example.com");
  world.database.Query("UPDATE usher.invitations SET state = 3 WHERE email_key = 'no@example.com'");
  Invite("new@example.com");

  EXPECT_THAT(EmailsWith(EntryStatus::kActive), ElementsAre("ann@example.com"));
  EXPECT_THAT(EmailsWith(EntryStatus::kSuspended), ElementsAre("ben@example.com"));
  EXPECT_THAT(EmailsWith(EntryStatus::kInvitePending), ElementsAre("new@example.com"));
  EXPECT_THAT(EmailsWith(EntryStatus::kInviteExpired), ElementsAre("old@example.com"));
  EXPECT_THAT(EmailsWith(EntryStatus::kInviteDeclined), ElementsAre("no@example.com"));
}

TEST_F(ListUsersTest, AnAddressThatIsAMembersShowsOnce) {
  Invite("ben@example.com");
  Join("other@example.com", "Ben", "B");
  world.database.Query(
      "UPDATE usher.users SET email = 'Ben@example.com', email_key = 'ben@example.com'"
      " WHERE email_key = 'other@example.com'");
  UsersQuery query;
  query.with_total = true;

  const auto page = List(query);

  EXPECT_EQ(page->total, 2);
  EXPECT_THAT(Emails(query), ElementsAre("Ben@example.com", "ann@example.com"));
}

TEST_F(ListUsersTest, MembersWhoseTimeIsOverAreNotListed) {
  world.tampered = true;
  Join("ben@example.com", "Ben", "B");
  SetMembership("end_time = usher.now() + interval '1 hour'", "ben@example.com");
  UsersQuery query;
  EXPECT_THAT(Emails(query), ElementsAre("ben@example.com", "ann@example.com"));

  world.database.MoveClock(absl::Hours(1));

  EXPECT_THAT(Emails(query), ElementsAre("ann@example.com"));
}

TEST_F(ListUsersTest, R31WalkingThePagesShowsEqualRowsOnce) {
  Fill(100, 150);

  for (const char* column : {"create_time", "last_name", "role", "status", "email"}) {
    for (const bool descending : {false, true}) {
      UsersQuery query;
      query.order = {column, descending};
      ExpectTheSameInAnyPages(query, 251, {1, 7, 100});
    }
  }
}

TEST_F(ListUsersTest, R32PagesCrossFromFullToEmptyValuesBothWays) {
  world.tampered = true;
  Fill(19, 10);
  world.database.Query(R"sql(
    WITH numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM usher.users)
    UPDATE usher.users u SET last_access_time = now() - n * interval '1 minute'
    FROM numbered WHERE numbered.id = u.id AND n <= 10;
    UPDATE usher.users SET last_name = '' WHERE last_access_time IS NULL;
    UPDATE usher.memberships m SET end_time = now() + interval '1 day', status = 2
    FROM usher.users u WHERE u.id = m.user_id AND u.last_name = '' AND m.role <> 1;
    UPDATE usher.invitations SET last_name = '', state = 3 WHERE email LIKE '%5@%';
    UPDATE usher.invitations SET expire_time = now() WHERE email LIKE '%6@%')sql");

  for (const std::string_view column : directory::UsersColumns()) {
    for (const bool descending : {false, true}) {
      UsersQuery query;
      query.order = {std::string(column), descending};
      ExpectTheSameInAnyPages(query, 30, {1, 3, 10});
    }
  }
  UsersQuery query;
  for (const bool descending : {false, true}) {
    query.order = {"last_access_time", descending};
    const auto page = List(query);
    for (size_t i = 0; i < page->entries.size(); ++i) {
      EXPECT_EQ(page->entries[i].last_access_time.has_value(), i < 10) << i << descending;
    }
  }
}

TEST_F(ListUsersTest, AnAccessMovesMembersInItsOrderAndWritesNoMembership) {
  const auto versions = [this] {
    return world.database.Query("SELECT xmin FROM usher.memberships ORDER BY user_id");
  };
  Join("ben@example.com", "Ben", "B");
  UsersQuery query;
  query.order = {"last_access_time", /*descending=*/true};
  const std::vector<std::string> before = versions();

  for (const char* email : {"ben@example.com", "ann@example.com", "ben@example.com"}) {
    world.database.Query(absl::StrCat(
        "UPDATE usher.users SET last_access_time = clock_timestamp() WHERE email = '", email, "'"));
    EXPECT_EQ(Emails(query).front(), email);
  }

  EXPECT_EQ(versions(), before);
}

TEST_F(ListUsersTest, WhoIsInvitedAgainKeepsTheirLastAccess) {
  const auto other = world.AddOrganization("Beta", "ben@example.com");
  world.database.Query("UPDATE usher.users SET last_access_time = now()");

  Join("ben@example.com", "Ben", "B");

  UsersQuery query;
  query.order = {"last_access_time", /*descending=*/true};
  const auto page = List(query);
  ASSERT_THAT(page, IsOk());
  for (const auto& entry : page->entries) EXPECT_TRUE(entry.last_access_time) << entry.email;
}

TEST_F(ListUsersTest, PagesOfAFewThatPassTheFilterAreWalkedToo) {
  world.tampered = true;
  Fill(100, 150);
  world.database.Query(
      "UPDATE usher.users SET first_name = 'Zoltan' WHERE email ~ '^m[57]5@';"
      "UPDATE usher.invitations SET first_name = 'Zoltan' WHERE email ~ '^i[57]5@'");

  for (const std::string_view column : directory::UsersColumns()) {
    for (const bool descending : {false, true}) {
      UsersQuery query;
      query.order = {std::string(column), descending};
      query.filter.search = "ZOLT";
      ExpectTheSameInAnyPages(query, 4, {1});
    }
  }
}

TEST_F(ListUsersTest, AFilterPassesTheSameRowsInEveryOrder) {
  FillWithAllKinds();
  std::vector<directory::UsersFilter> filters(2);
  filters[0].roles = {Role::kHelpdesk};
  filters[1].roles = {Role::kNetworkAdmin, Role::kReporting};
  for (int status = 1; status <= 5; ++status) {
    filters.emplace_back().statuses = {static_cast<EntryStatus>(status)};
  }
  const auto sorted = [this](const UsersQuery& query, int32_t page_size) {
    std::vector<std::string> emails = Walk(query, page_size);
    std::sort(emails.begin(), emails.end());
    return emails;
  };

  size_t passed = 0;
  for (const directory::UsersFilter& filter : filters) {
    UsersQuery query;
    query.filter = filter;
    query.order = {"email"};
    const std::vector<std::string> all = sorted(query, 1000);
    passed += all.size();
    for (const std::string_view column : directory::UsersColumns()) {
      for (const bool descending : {false, true}) {
        query.order = {std::string(column), descending};
        EXPECT_EQ(sorted(query, 3), all) << column << descending;
      }
    }
  }
  EXPECT_GT(passed, 41U);  // Each has a status, and some have one of the roles.
}

TEST_F(ListUsersTest, OrdersByEachColumn) {
  FillWithAllKinds();

  ExpectOrder("email", [](const Entry& e) { return e.email; });
  ExpectOrder("role", [](const Entry& e) { return e.role; });
  ExpectOrder("status", [](const Entry& e) { return e.status; });
  ExpectOrder("create_time", [](const Entry& e) { return e.create_time; });
}

TEST_F(ListUsersTest, BeginsWithTheLastNamesWithoutRegardToLetterCase) {
  Join("z@example.com", "Z", "zeta");
  Invite("a@example.com", "A", "Alpha");
  Join("none@example.com", "N", "");
  Join("b@example.com", "B", "beta");

  EXPECT_THAT(Emails({}), ElementsAre("a@example.com", "b@example.com", "ann@example.com",
                                      "z@example.com", "none@example.com"));
}

TEST_F(ListUsersTest, SiteAccessOrdersByKindThenByHowMuch) {
  const auto join = [this](const std::string& email, const SiteAccess& access) {
    auto draft = world.Draft(email);
    draft.access = access;
    world.Join(draft);
  };
  join("two@example.com", *SiteAccess::Sites(world.sites));
  join("one@example.com", *SiteAccess::Sites({world.sites[0]}));
  auto draft = world.Draft("group@example.com");
  draft.access = *SiteAccess::Groups({world.group});
  ASSERT_THAT(world.Invite(draft), IsOk());
  UsersQuery query;
  query.order = {"site_access", true};

  EXPECT_THAT(Emails(query), ElementsAre("two@example.com", "one@example.com", "group@example.com",
                                         "ann@example.com"));
}

TEST_F(ListUsersTest, ExpiryIsAnInvitationsOrTheEndOfAMembership) {
  world.tampered = true;
  Invite("i@example.com");
  Join("m@example.com", "M", "M");
  SetMembership("end_time = usher.now() + interval '1 day'", "m@example.com");
  UsersQuery query;

  query.order = {"expire_time", false};
  EXPECT_THAT(Emails(query), ElementsAre("m@example.com", "i@example.com", "ann@example.com"));
  query.order = {"expire_time", true};
  EXPECT_THAT(Emails(query), ElementsAre("i@example.com", "m@example.com", "ann@example.com"));
}

TEST_F(ListUsersTest, SearchesMembersAndInvitations) {
  Join("kim@example.com", "Kim Ng", "Lee");
  Invite("quinn@example.com", "Zoé", "50%");

  EXPECT_THAT(Found("ng l"), ElementsAre("kim@example.com"));
  EXPECT_THAT(Found("ZOÉ 50%"), ElementsAre("quinn@example.com"));
  EXPECT_THAT(Found("%_"), ElementsAre());
  EXPECT_THAT(Found("q"), ElementsAre("quinn@example.com"));
  EXPECT_THAT(Found("i"), UnorderedElementsAre("kim@example.com", "quinn@example.com"));
}

TEST_F(ListUsersTest, SearchKnowsAMembersNewName) {
  Join("kim@example.com", "Kim", "Lee");
  world.database.Query(
      "UPDATE usher.users SET last_name = 'Smith' WHERE email_key = 'kim@example.com'");
  UsersQuery query;

  EXPECT_THAT(Found("smith"), ElementsAre("kim@example.com"));
  EXPECT_THAT(Found("lee"), ElementsAre());
  EXPECT_THAT(Emails(query), ElementsAre("ann@example.com", "kim@example.com"));
}

TEST_F(ListUsersTest, FiltersByRoleAndSite) {
  auto draft = world.Draft("sites@example.com");
  draft.access = *SiteAccess::Sites({world.sites[1]});
  draft.role = Role::kHelpdesk;
  world.Join(draft);
  draft = world.Draft("group@example.com");
  draft.access = *SiteAccess::Groups({world.group});
  ASSERT_THAT(world.Invite(draft), IsOk());
  UsersQuery by_site;
  by_site.filter.site = world.sites[0];
  UsersQuery by_group;
  by_group.filter.site_group = world.group;
  UsersQuery by_role;
  by_role.filter.roles = {Role::kHelpdesk, Role::kReporting};

  EXPECT_THAT(Emails(by_site), ElementsAre("ann@example.com", "group@example.com"));
  EXPECT_THAT(Emails(by_group), ElementsAre("group@example.com"));
  EXPECT_THAT(Emails(by_role), ElementsAre("sites@example.com"));
}

TEST_F(ListUsersTest, IsForThoseWhoMayReadMembers) {
  const model::UserId observer = Join("ben@example.com", "Ben", "B");
  auto draft = world.Draft("sue@example.com");
  draft.role = Role::kSuperObserver;
  const model::UserId super_observer = world.Join(draft);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  UsersQuery query;
  query.organization = world.acme;
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_super_observer = world.CallBy(super_observer);
  const model::Call by_stranger = world.CallBy(birch.first_super_user);

  EXPECT_THAT(world.Wait(world.directory.ListUsers(by_observer, query)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.directory.ListUsers(by_super_observer, query)), IsOk());
  EXPECT_THAT(world.Wait(world.directory.ListUsers(by_stranger, query)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

}  // namespace
}  // namespace usher::test
