#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/invitations/race.h"
#include "tests/support/places.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;
using model::Role;
using model::SiteAccess;
using testing::ElementsAre;

class DeleteTest : public PlacesTest {
 protected:
  // "table rows" for each table that has rows of the organization, whatever tables there are.
  std::vector<std::string> RowsOf(model::OrganizationId organization) const {
    const std::string id = model::FormatUuid(organization.uuid());
    std::vector<std::string> found;
    const auto tables = world.database.Query(
        "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name) WHERE c.table_schema = 'usher'"
        " AND c.column_name = 'organization_id' AND t.table_type = 'BASE TABLE' ORDER BY 1");
    for (const std::string& table : tables) {
      const std::string rows = world.database.Value(absl::StrCat(
          "SELECT count(*) FROM usher.", table, " WHERE organization_id = '", id, "'"));
      if (rows != "0") found.push_back(absl::StrCat(table, " ", rows));
    }
    return found;
  }
  static std::vector<std::string> WithoutEvents(std::vector<std::string> rows) {
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [](const auto& row) { return row.rfind("events ", 0) == 0; }),
               rows.end());
    return rows;
  }
};

TEST_F(DeleteTest, R30EverythingOfItGoesButTheEvents) {
  Join("ben@example.com", Role::kObserver, *SiteAccess::Groups({world.group}));
  ASSERT_THAT(Invite("tia@example.com", *SiteAccess::Sites(world.sites)), IsOk());
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  world.AddSite(birch.organization.id, "Oslo");
  const auto others = RowsOf(birch.organization.id);

  const auto deleted = Delete(world.acme);

  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(deleted->memberships_ended, 2);
  EXPECT_EQ(deleted->invitations_canceled, 1);
  EXPECT_EQ(deleted->mails_withdrawn, 1);
  EXPECT_THAT(WithoutEvents(RowsOf(world.acme)), testing::IsEmpty());
  EXPECT_EQ(RowsOf(birch.organization.id), others);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.users"), "3");
}

TEST_F(DeleteTest, R30EventsTellOfEachThingThatEnded) {
  Join("ben@example.com", Role::kObserver, SiteAccess::All());
  ASSERT_THAT(Invite("tia@example.com", SiteAccess::All()), IsOk());

  ASSERT_THAT(Delete(world.acme), IsOk());

  EXPECT_EQ(Events("membership.revoked").size(), 2U);
  EXPECT_THAT(Events("invitation.canceled"), ElementsAre(R"({"state": 1} → {"state": 4})"));
  EXPECT_EQ(Events("site.deleted").size(), 2U);
  EXPECT_EQ(Events("site_group.deleted").size(), 1U);
  EXPECT_EQ(Events("organization.deleted").size(), 1U);
  EXPECT_EQ(world.database.Value("SELECT type FROM usher.events ORDER BY sequence DESC LIMIT 1"),
            "organization.deleted");
  EXPECT_EQ(
      world.database.Value(
          "SELECT count(DISTINCT actor_user_id) FROM usher.events WHERE type LIKE '%.deleted'"),
      "1");
}

TEST_F(DeleteTest, R30ItsTokensOpenNothingAndOthersStillDo) {
  const auto here = Invite("tia@example.com", SiteAccess::All());
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  auto draft = world.Draft("tia@example.com");
  draft.organization = birch.organization.id;
  const model::Call by_service = world.CallBy();
  const auto there = world.Wait(world.invitations.Create(by_service, std::move(draft)));
  ASSERT_THAT(there, IsOk());

  ASSERT_THAT(Delete(world.acme), IsOk());

  const std::string token = world.TokenOf(here->invitation);
  EXPECT_THAT(world.Accept(token, World::Person("tia@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(world.Wait(world.invitations.Preview(by_service, token)),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(
      world.Wait(world.invitations.Decline(by_service, token, World::Person("tia@example.com"))),
      Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(world.Accept(world.TokenOf(there->invitation), World::Person("tia@example.com")),
              IsOk());
}

TEST_F(DeleteTest, ItIsNotFoundAfterwardsAndItsNameIsFree) {
  ASSERT_THAT(Delete(world.acme), IsOk());

  EXPECT_THAT(Delete(world.acme), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(DeleteBy(std::nullopt, world.acme),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(world.AddOrganization("Acme", "ann@example.com").first_super_user, world.ann);
}

TEST_F(DeleteTest, EndedMembershipsAndInvitationsEndNoSecondTime) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver, SiteAccess::All());
  ASSERT_THAT(Invite("eva@example.com", SiteAccess::All()), IsOk());
  world.database.Query(
      absl::StrCat("UPDATE usher.memberships SET end_time = now() - interval '1h'"
                   " WHERE user_id = '",
                   model::FormatUuid(ben.uuid()), "'"));
  world.database.MoveClock(absl::Hours(8 * 24));

  const auto deleted = Delete(world.acme);

  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(deleted->memberships_ended, 1);
  EXPECT_EQ(deleted->invitations_canceled, 0);
  EXPECT_THAT(Events("invitation.canceled"), testing::IsEmpty());
}

TEST_F(DeleteTest, ForItsSuperUsersOnly) {
  const model::UserId ria = Join("ria@example.com", Role::kNetworkAdmin, SiteAccess::All());
  const auto birch = world.AddOrganization("Birch", "bo@example.com");

  EXPECT_THAT(DeleteBy(ria, world.acme),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(DeleteBy(birch.first_super_user, world.acme),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(DeleteBy(world.ann, world.acme, /*revision=*/9),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.organizations"), "2");
}

TEST_F(DeleteTest, ValidationCountsAndDoesNothing) {
  ASSERT_THAT(Invite("tia@example.com", SiteAccess::All()), IsOk());
  model::Call call = world.CallBy(world.ann);
  call.validate_only = true;

  const auto would = world.Wait(world.organizations.Delete(call, world.acme, std::nullopt));

  ASSERT_THAT(would, IsOk());
  EXPECT_EQ(would->memberships_ended, 1);
  EXPECT_EQ(would->invitations_canceled, 1);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.organizations"), "1");
  EXPECT_THAT(Events("organization.deleted"), testing::IsEmpty());
}

TEST_F(DeleteTest, R08RepeatWithTheSameIdGetsTheFirstAnswer) {
  model::Call call = world.CallBy(world.ann);
  call.change_id = "d1";
  call.change_content = "x";
  const auto first = world.Wait(world.organizations.Delete(call, world.acme, std::nullopt));
  ASSERT_THAT(first, IsOk());

  const auto again = world.Wait(world.organizations.Delete(call, world.acme, std::nullopt));

  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->position, first->position);
  EXPECT_EQ(Events("organization.deleted").size(), 1U);
}

// Whatever is added meanwhile, nothing of the organization is left.
TEST_F(DeleteTest, RacesLeaveNoHalfOrganization) {
  for (int round = 0; round < 20; ++round) {
    const auto org = world.AddOrganization(absl::StrCat("O", round), "ann@example.com");
    const model::OrganizationId id = org.organization.id;
    const model::Call call = world.CallBy();
    auto invited = world.Draft("tia@example.com");
    invited.organization = id;
    const auto open = world.Wait(world.invitations.Create(call, std::move(invited)));
    ASSERT_THAT(open, IsOk());
    auto others = world.Draft("leo@example.com");
    others.organization = id;
    const auto renewed = world.Wait(world.invitations.Create(call, std::move(others)));
    ASSERT_THAT(renewed, IsOk());
    invitations::Renewal renewal;
    renewal.organization = id;
    renewal.id = renewed->invitation.id;
    auto draft = world.Draft("new@example.com");
    draft.organization = id;
    organizations::NewSite site{id, "Oslo", "", "", {}};
    std::vector<async::Task<absl::Status>> tasks;
    tasks.push_back(StatusOnly(world.invitations.Create(call, std::move(draft))));
    tasks.push_back(StatusOnly(world.organizations.CreateSite(call, std::move(site))));
    tasks.push_back(StatusOnly(world.organizations.Delete(call, id, std::nullopt)));
    tasks.push_back(StatusOnly(world.invitations.Accept(call, world.TokenOf(open->invitation),
                                                        World::Person("tia@example.com"))));
    tasks.push_back(StatusOnly(world.invitations.Reinvite(call, std::move(renewal))));

    const auto answers = world.WaitAll(std::move(tasks));

    EXPECT_THAT(answers[2], IsOk());
    for (const auto& answer : answers) EXPECT_FALSE(absl::IsInternal(answer)) << answer;
    EXPECT_TRUE(answers[3].ok() || absl::IsNotFound(answers[3])) << answers[3];
    EXPECT_TRUE(answers[4].ok() || absl::IsNotFound(answers[4])) << answers[4];
    EXPECT_THAT(WithoutEvents(RowsOf(id)), testing::IsEmpty());
  }
}

}  // namespace
}  // namespace usher::test
