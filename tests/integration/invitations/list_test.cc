#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::InvitationQuery;
using model::InvitationState;
using model::Reason;

class ListInvitationsTest : public testing::Test {
 protected:
  absl::StatusOr<invitations::InvitationPage> List(InvitationQuery query) {
    const model::Call call = world.CallBy(world.ann);
    query.organization = world.acme;
    return world.Wait(world.invitations.List(call, std::move(query)));
  }
  std::vector<std::string> EmailsIn(InvitationState state) {
    InvitationQuery query;
    query.filter.states = {state};
    const auto page = List(query);
    std::vector<std::string> emails;
    for (const auto& invitation : page->invitations) emails.push_back(invitation.email);
    return emails;
  }

  World world;
};

TEST_F(ListInvitationsTest, R04ExpiredIsDecidedOnRead) {
  ASSERT_THAT(world.Invite(world.Draft("mo@example.com")), IsOk());
  world.database.MoveClock(absl::Hours(168) + absl::Seconds(1));
  ASSERT_THAT(world.Invite(world.Draft("new@example.com")), IsOk());

  EXPECT_THAT(EmailsIn(InvitationState::kPending), testing::ElementsAre("new@example.com"));
  EXPECT_THAT(EmailsIn(InvitationState::kExpired), testing::ElementsAre("mo@example.com"));
}

// All rows have one time, so that only the id breaks ties.
TEST_F(ListInvitationsTest, R31WalkingThePagesShowsEveryRowOnce) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(world.Invite(world.Draft(absl::StrCat("p", i, "@example.com"))), IsOk());
  }
  world.database.Query("UPDATE usher.invitations SET create_time = '2025-03-10T00:00:00Z'");

  for (const bool newest_first : {true, false}) {
    for (const int32_t page_size : {1, 7, 100}) {
      std::set<model::InvitationId> seen;
      InvitationQuery query;
      query.newest_first = newest_first;
      query.page_size = page_size;
      size_t rows = 0;
      do {
        const auto page = List(query);
        ASSERT_THAT(page, IsOk());
        for (const auto& invitation : page->invitations) seen.insert(invitation.id);
        rows += page->invitations.size();
        query.after = page->next;
      } while (query.after);
      EXPECT_EQ(rows, 30U);
      EXPECT_EQ(seen.size(), 30U);
    }
  }
}

TEST_F(ListInvitationsTest, FindsAnAddressInAnyLetterCase) {
  ASSERT_THAT(world.Invite(world.Draft("Ann.Lee@Example.com")), IsOk());
  ASSERT_THAT(world.Invite(world.Draft("other@example.com")), IsOk());
  InvitationQuery query;
  query.filter.email_key = "ann.lee@example.com";

  const auto page = List(query);

  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->invitations.size(), 1U);
  EXPECT_EQ(page->invitations[0].email, "Ann.Lee@Example.com");
}

TEST_F(ListInvitationsTest, IsForThoseWhoMayReadInvitations) {
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);
  InvitationQuery query;
  query.organization = world.acme;

  EXPECT_THAT(world.Wait(world.invitations.List(by_observer, query)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.List(by_stranger, query)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(ListInvitationsTest, GetAnswersForOwnOrganizationOnly) {
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const auto invitation = world.Invite(world.Draft("a@example.com"))->invitation;
  const model::Call by_stranger = world.CallBy(other.first_super_user);

  EXPECT_THAT(world.Wait(world.invitations.Get(by_stranger, world.acme, invitation.id)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(world.Wait(world.invitations.Get(by_stranger, other.organization.id, invitation.id)),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
}

}  // namespace
}  // namespace usher::test
