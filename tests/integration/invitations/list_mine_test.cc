#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::MyInvitationsQuery;
using invitations::PreviewPage;
using model::Reason;

class ListMineTest : public testing::Test {
 protected:
  static MyInvitationsQuery Of(const std::string& email) {
    MyInvitationsQuery query;
    query.email = *model::Email::Parse(email);
    query.email_verified = true;
    return query;
  }
  absl::StatusOr<PreviewPage> List(MyInvitationsQuery query) {
    const model::Call call = world.CallBy();
    return world.Wait(world.invitations.ListMine(call, std::move(query)));
  }
  static std::vector<std::string> Organizations(const PreviewPage& page) {
    std::vector<std::string> names;
    for (const auto& preview : page.previews) names.push_back(preview.organization_name);
    return names;
  }
  model::InvitationId InviteTo(const std::string& organization, const std::string& email) {
    const auto created =
        world.AddOrganization(organization, absl::StrCat(organization, "@example.com"));
    auto draft = world.Draft(email);
    draft.organization = created.organization.id;
    const model::Call call = world.CallBy(created.first_super_user);
    return world.Wait(world.invitations.Create(call, draft))->invitation.id;
  }

  World world;
};

TEST_F(ListMineTest, ShowsThePendingOnesOfAllOrganizationsNewestFirst) {
  ASSERT_THAT(world.Invite(world.Draft("zoe@example.com")), IsOk());
  InviteTo("Birch", "Zoe@Example.com");
  ASSERT_THAT(world.Invite(world.Draft("other@example.com")), IsOk());

  const auto page = List(Of("zoe@example.com"));

  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Organizations(*page), testing::ElementsAre("Birch", "Acme"));
  EXPECT_EQ(page->previews[1].inviter_name, "Ann Example");
  EXPECT_TRUE(page->previews[1].all_sites);
  EXPECT_FALSE(page->next.has_value());
}

TEST_F(ListMineTest, LeavesOutWhatIsNotPending) {
  const auto accepted = world.Invite(world.Draft("zoe@example.com"))->invitation;
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("zoe@example.com")), IsOk());
  InviteTo("Birch", "zoe@example.com");
  world.database.MoveClock(absl::Hours(169));
  InviteTo("Cedar", "zoe@example.com");

  const auto page = List(Of("zoe@example.com"));

  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Organizations(*page), testing::ElementsAre("Cedar"));
}

TEST_F(ListMineTest, UserIsFoundByTheirAccount) {
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  ASSERT_THAT(world.Invite(world.Draft("bo@example.com")), IsOk());
  MyInvitationsQuery query;
  query.user = other.first_super_user;

  const auto page = List(query);

  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Organizations(*page), testing::ElementsAre("Acme"));
}

TEST_F(ListMineTest, UnverifiedAddressSeesNothing) {
  ASSERT_THAT(world.Invite(world.Draft("zoe@example.com")), IsOk());
  MyInvitationsQuery query = Of("zoe@example.com");
  query.email_verified = false;

  EXPECT_THAT(List(query), Refused(StatusCode::kPermissionDenied, Reason::kEmailUnverified));
}

// All rows have one time, so that only the id breaks ties.
TEST_F(ListMineTest, R31WalkingThePagesShowsEveryRowOnce) {
  std::set<model::InvitationId> invited;
  for (int i = 0; i < 5; ++i) {
    invited.insert(InviteTo(absl::StrCat("Org", i), "zoe@example.com"));
  }
  world.database.Query("UPDATE usher.invitations SET create_time = '2025-03-10T00:00:00Z'");

  std::vector<model::InvitationId> seen;
  MyInvitationsQuery query = Of("zoe@example.com");
  query.page_size = 2;
  do {
    const auto page = List(query);
    ASSERT_THAT(page, IsOk());
    for (const auto& preview : page->previews) seen.push_back(preview.id);
    query.after = page->next;
  } while (query.after);

  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(std::set<model::InvitationId>(seen.begin(), seen.end()), invited);
}

}  // namespace
}  // namespace usher::test
