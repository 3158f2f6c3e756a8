#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Invitation;
using invitations::InvitationQuery;
using model::InvitationState;
using model::Reason;
using model::Role;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class ListInvitationsTest : public testing::Test {
 protected:
  absl::StatusOr<invitations::InvitationPage> List(InvitationQuery query) {
    const model::Call call = world.CallBy(world.ann);
    query.organization = world.acme;
    return world.Wait(world.invitations.List(call, std::move(query)));
  }
  std::vector<std::string> Emails(const InvitationQuery& query) {
    const auto page = List(query);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> emails;
    for (const auto& invitation : page->invitations) emails.push_back(invitation.email);
    return emails;
  }
  std::vector<std::string> EmailsIn(InvitationState state) {
    InvitationQuery query;
    query.filter.states = {state};
    return Emails(query);
  }
  std::vector<std::string> Found(const std::string& needle) {
    InvitationQuery query;
    query.filter.search = needle;
    query.with_total = true;
    const auto page = List(query);
    EXPECT_THAT(page, IsOk());
    EXPECT_EQ(static_cast<size_t>(page->total), page->invitations.size());
    return Emails(query);
  }
  // The emails of all pages of this size, in their order.
  std::vector<std::string> Walk(InvitationQuery query, int32_t page_size) {
    std::vector<std::string> walked;
    query.page_size = page_size;
    do {
      const auto page = List(query);
      EXPECT_THAT(page, IsOk());
      for (const auto& invitation : page->invitations) walked.push_back(invitation.email);
      query.after = page->next;
    } while (query.after);
    return walked;
  }
  Invitation Invite(const std::string& email, const std::string& first_name = "Given",
                    const std::string& last_name = "Family") {
    auto draft = world.Draft(email);
    draft.first_name = first_name;
    draft.last_name = last_name;
    return world.Invite(std::move(draft))->invitation;
  }
  // `count` invitations by Ann that are alike but for their ids and addresses.
  void Fill(int count) {
    world.database.Query(absl::StrCat(
        "INSERT INTO usher.invitations (organization_id, id, email, email_key, first_name,"
        " last_name, role, site_access, expire_time, invited_by, delivery, create_time,"
        " update_time) SELECT i.organization_id, gen_random_uuid(), g || '@example.com',"
        " g || '@example.com', i.first_name, 'Lee', i.role, 1, i.expire_time, i.invited_by, 1,"
        " i.create_time, i.update_time FROM usher.invitations i, generate_series(2, ",
        count, ") g"));
  }
  // Gives some of them each state, and takes inviters and last names from some.
  void Vary() {
    world.tampered = true;
    world.database.Query(R"sql(
      WITH numbered AS (
        SELECT id, (row_number() OVER (ORDER BY id) % 7)::int AS n,
               (row_number() OVER (ORDER BY id) % 3)::int AS third FROM usher.invitations)
      UPDATE usher.invitations i
      SET state = (ARRAY[1, 1, 2, 3, 3, 4, 5])[n + 1], open = n IN (0, 1, 3),
          expire_time = CASE n WHEN 0 THEN now() - interval '1 hour' ELSE expire_time END,
          accept_time = CASE n WHEN 2 THEN now() END,
          last_name = CASE third WHEN 0 THEN '' ELSE last_name END,
          invited_by = CASE third WHEN 1 THEN NULL ELSE invited_by END
      FROM numbered WHERE numbered.id = i.id)sql");
  }
  template <class Value>
  void ExpectOrder(const std::string& column, Value value) {
    for (const bool descending : {false, true}) {
      InvitationQuery query;
      query.order = {column, descending};
      query.page_size = 1000;
      const auto page = List(query);
      std::vector<decltype(value(page->invitations[0]))> values;
      for (const Invitation& invitation : page->invitations) values.push_back(value(invitation));
      if (descending) std::reverse(values.begin(), values.end());
      EXPECT_TRUE(std::is_sorted(values.begin(), values.end())) << column << descending;
    }
  }

  World world;
};

TEST_F(ListInvitationsTest, R04ExpiredIsDecidedOnRead) {
  Invite("mo@example.com");
  world.database.MoveClock(absl::Hours(168) + absl::Seconds(1));
  Invite("new@example.com");

  EXPECT_THAT(EmailsIn(InvitationState::kPending), ElementsAre("new@example.com"));
  EXPECT_THAT(EmailsIn(InvitationState::kExpired), ElementsAre("mo@example.com"));
}

TEST_F(ListInvitationsTest, R31WalkingThePagesShowsEqualRowsOnce) {
  Invite("1@example.com", "Kim", "Lee");
  Fill(250);

  for (const char* column : {"create_time", "last_name", "role", "state", "email"}) {
    for (const bool descending : {false, true}) {
      InvitationQuery query;
      query.order = {column, descending};
      const std::vector<std::string> all = Walk(query, 1000);
      EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 250U);
      for (const int32_t page_size : {1, 7, 100}) {
        EXPECT_EQ(Walk(query, page_size), all) << column << descending << page_size;
      }
    }
  }
}

TEST_F(ListInvitationsTest, R32PagesCrossFromFullToEmptyValuesBothWays) {
  Invite("1@example.com", "Kim", "Lee");
  Fill(30);
  Vary();

  for (const std::string_view column : invitations::InvitationsColumns()) {
    for (const bool descending : {false, true}) {
      InvitationQuery query;
      query.order = {std::string(column), descending};
      const std::vector<std::string> all = Walk(query, 1000);
      EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 30U) << column;
      for (const int32_t page_size : {1, 3, 10}) {
        EXPECT_EQ(Walk(query, page_size), all) << column << descending << page_size;
      }
    }
  }
}

TEST_F(ListInvitationsTest, PagesOfAFewThatPassTheFilterAreWalkedToo) {
  Invite("1@example.com", "Kim", "Lee");
  Fill(200);
  Vary();
  world.database.Query(
      "UPDATE usher.invitations SET first_name = 'Zoltan' WHERE email IN"
      " ('20@example.com', '90@example.com', '120@example.com', '150@example.com')");

  for (const std::string_view column : invitations::InvitationsColumns()) {
    for (const bool descending : {false, true}) {
      InvitationQuery query;
      query.order = {std::string(column), descending};
      query.filter.search = "zolt";
      const std::vector<std::string> all = Walk(query, 1000);
      EXPECT_EQ(all.size(), 4U);
      EXPECT_EQ(Walk(query, 1), all) << column << descending;
    }
  }
}

TEST_F(ListInvitationsTest, AFilterPassesTheSameRowsInEveryOrder) {
  Invite("1@example.com", "Kim", "Lee");
  Fill(60);
  Vary();
  world.database.Query("UPDATE usher.invitations SET role = 1 + ascii(email) % 7");
  const auto sorted = [this](const InvitationQuery& query, int32_t page_size) {
    std::vector<std::string> emails = Walk(query, page_size);
    std::sort(emails.begin(), emails.end());
    return emails;
  };

  std::vector<invitations::InvitationFilter> filters(2);
  filters[0].roles = {Role::kHelpdesk};
  filters[1].roles = {Role::kNetworkAdmin, Role::kReporting};
  for (int state = 1; state <= 5; ++state) {
    filters.emplace_back().states = {static_cast<InvitationState>(state)};
  }
  size_t passed = 0;
  for (const invitations::InvitationFilter& filter : filters) {
    InvitationQuery query;
    query.filter = filter;
    query.order = {"email"};
    const std::vector<std::string> all = sorted(query, 1000);
    passed += all.size();
    for (const std::string_view column : invitations::InvitationsColumns()) {
      for (const bool descending : {false, true}) {
        query.order = {std::string(column), descending};
        EXPECT_EQ(sorted(query, 4), all) << column << descending;
      }
    }
  }
  EXPECT_GT(passed, 60U);  // Each has a state, and some have one of the roles.
}

TEST_F(ListInvitationsTest, OrdersByEachColumn) {
  Invite("1@example.com", "Kim", "Lee");
  Fill(40);
  Vary();
  world.database.Query(
      "UPDATE usher.invitations SET role = 1 + ascii(email) % 7,"
      " create_time = create_time + ascii(email) * interval '1 minute',"
      " update_time = update_time - ascii(email) * interval '1 minute',"
      " first_name = chr(65 + ascii(email) % 20 + 32 * (length(email) % 2))");

  ExpectOrder("create_time", [](const Invitation& i) { return i.create_time; });
  ExpectOrder("update_time", [](const Invitation& i) { return i.update_time; });
  ExpectOrder("expire_time", [](const Invitation& i) { return i.expire_time; });
  ExpectOrder("email", [](const Invitation& i) { return i.email; });
  ExpectOrder("role", [](const Invitation& i) { return i.role; });
  ExpectOrder("state", [](const Invitation& i) { return i.state; });
  ExpectOrder("first_name",
              [](const Invitation& i) { return absl::AsciiStrToLower(i.first_name); });
}

TEST_F(ListInvitationsTest, EmptyValuesComeLastBothWays) {
  Invite("lee@example.com", "Kim", "Lee");
  Invite("none@example.com", "Kim", "");
  Invite("adams@example.com", "Kim", "adams");
  InvitationQuery query;

  query.order = {"last_name", false};
  EXPECT_THAT(Emails(query),
              ElementsAre("adams@example.com", "lee@example.com", "none@example.com"));
  query.order = {"last_name", true};
  EXPECT_THAT(Emails(query),
              ElementsAre("lee@example.com", "adams@example.com", "none@example.com"));
}

TEST_F(ListInvitationsTest, SearchesNamesBothJoinedAndTheAddress) {
  Invite("k@example.com", "Kim Ng", "Lee");
  Invite("quinn@example.com", "Zoé", "Öz");

  EXPECT_THAT(Found("m n"), ElementsAre("k@example.com"));
  EXPECT_THAT(Found("NG LEE"), ElementsAre("k@example.com"));
  EXPECT_THAT(Found("ZOÉ ö"), ElementsAre("quinn@example.com"));
  EXPECT_THAT(Found("quinn@EX"), ElementsAre("quinn@example.com"));
  EXPECT_THAT(Found("leek"), ElementsAre());
  EXPECT_THAT(Found("@example"), UnorderedElementsAre("k@example.com", "quinn@example.com"));
}

TEST_F(ListInvitationsTest, SearchesForLettersOfAnyScriptAndOfAnyNumber) {
  Invite("wei@example.com", "伟", "王");
  Invite("nikos@example.com", "Νίκος", "Δ");

  EXPECT_THAT(Found("王"), ElementsAre("wei@example.com"));
  EXPECT_THAT(Found("伟 王"), ElementsAre("wei@example.com"));
  EXPECT_THAT(Found("ΝΊΚΟΣ"), ElementsAre("nikos@example.com"));
  EXPECT_THAT(Found("ΚΟΣ δ"), ElementsAre("nikos@example.com"));
  EXPECT_THAT(Found("κο"), ElementsAre("nikos@example.com"));
  EXPECT_THAT(Found("x"), UnorderedElementsAre("wei@example.com", "nikos@example.com"));
  EXPECT_THAT(Found("q"), ElementsAre());
}

TEST_F(ListInvitationsTest, SearchHasNoWildcards) {
  Invite("a_b@example.com", "50% off", "back\\slash");
  Invite("axb@example.com", "500 off", "backslash");

  EXPECT_THAT(Found("a_b"), ElementsAre("a_b@example.com"));
  EXPECT_THAT(Found("50% o"), ElementsAre("a_b@example.com"));
  EXPECT_THAT(Found("k\\s"), ElementsAre("a_b@example.com"));
  EXPECT_THAT(Found("%"), ElementsAre("a_b@example.com"));
  EXPECT_THAT(Found("_"), ElementsAre("a_b@example.com"));
  EXPECT_THAT(Found("\\"), ElementsAre("a_b@example.com"));
}

TEST_F(ListInvitationsTest, FiltersAreJoinedByAnd) {
  auto draft = world.Draft("sites@example.com");
  draft.access = *model::SiteAccess::Sites({world.sites[1]});
  draft.role = Role::kHelpdesk;
  ASSERT_THAT(world.Invite(draft), IsOk());
  draft = world.Draft("group@example.com");
  draft.access = *model::SiteAccess::Groups({world.group});
  ASSERT_THAT(world.Invite(draft), IsOk());
  Invite("all@example.com");
  InvitationQuery by_site;
  by_site.filter.site = world.sites[0];
  InvitationQuery by_other_site;
  by_other_site.filter.site = world.sites[1];
  InvitationQuery by_group;
  by_group.filter.site_group = world.group;
  InvitationQuery by_role = by_other_site;
  by_role.filter.roles = {Role::kHelpdesk, Role::kReporting};
  InvitationQuery by_foreign_site;
  by_foreign_site.filter.site =
      world.AddSite(world.AddOrganization("Birch", "bo@example.com").organization.id, "Oslo");

  EXPECT_THAT(Emails(by_site), ElementsAre("all@example.com", "group@example.com"));
  EXPECT_THAT(Emails(by_other_site), ElementsAre("all@example.com", "sites@example.com"));
  EXPECT_THAT(Emails(by_group), ElementsAre("group@example.com"));
  EXPECT_THAT(Emails(by_role), ElementsAre("sites@example.com"));
  EXPECT_THAT(Emails(by_foreign_site), ElementsAre());
}

TEST_F(ListInvitationsTest, FiltersByInviterAndTimes) {
  auto draft = world.Draft("oz@example.com");
  draft.role = Role::kSuperUser;
  const model::UserId oz = world.Join(draft);
  const model::Call by_oz = world.CallBy(oz);
  ASSERT_THAT(world.Wait(world.invitations.Create(by_oz, world.Draft("two@example.com"))), IsOk());
  const Invitation first = Invite("one@example.com");
  InvitationQuery by_inviter;
  by_inviter.filter.inviter = oz;
  InvitationQuery from;
  from.filter.create_time.start = first.create_time;
  InvitationQuery until;
  until.filter.create_time.end = first.create_time;
  InvitationQuery expiring;
  expiring.filter.expire_time = {first.expire_time, first.expire_time + absl::Microseconds(1)};

  EXPECT_THAT(Emails(by_inviter), ElementsAre("two@example.com"));
  EXPECT_THAT(Emails(from), ElementsAre("one@example.com"));
  EXPECT_THAT(Emails(until), ElementsAre("two@example.com", "oz@example.com"));
  EXPECT_THAT(Emails(expiring), ElementsAre("one@example.com"));
}

TEST_F(ListInvitationsTest, CountsAllThatMatchOnRequest) {
  Invite("1@example.com", "Kim", "Lee");
  Fill(30);
  InvitationQuery query;
  query.page_size = 10;
  EXPECT_EQ(List(query)->total, 0);

  query.with_total = true;
  EXPECT_EQ(List(query)->total, 30);
  query.after = List(query)->next;
  EXPECT_EQ(List(query)->total, 30);
}

TEST_F(ListInvitationsTest, FindsAnAddressInAnyLetterCase) {
  Invite("Ann.Lee@Example.com");
  Invite("other@example.com");
  InvitationQuery query;
  query.filter.email_key = "ann.lee@example.com";

  EXPECT_THAT(Emails(query), ElementsAre("Ann.Lee@Example.com"));
}

TEST_F(ListInvitationsTest, IsForThoseWhoMayReadInvitations) {
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);
  InvitationQuery query;
  query.organization = world.acme;
  query.with_total = true;

  EXPECT_THAT(world.Wait(world.invitations.List(by_observer, query)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.List(by_stranger, query)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(ListInvitationsTest, GetAnswersForOwnOrganizationOnly) {
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const auto invitation = Invite("a@example.com");
  const model::Call by_stranger = world.CallBy(other.first_super_user);

  EXPECT_THAT(world.Wait(world.invitations.Get(by_stranger, world.acme, invitation.id)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(world.Wait(world.invitations.Get(by_stranger, other.organization.id, invitation.id)),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
}

}  // namespace
}  // namespace usher::test
