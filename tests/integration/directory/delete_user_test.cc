#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/integration/invitations/race.h"
#include "tests/support/users.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::ErasureReport;
using model::Reason;
using model::Role;

class DeleteUserTest : public UserChangesTest {
 protected:
  using Erased = absl::StatusOr<ErasureReport>;

  Erased DeleteBy(std::optional<model::UserId> caller, model::UserId user,
                  std::optional<int64_t> revision = std::nullopt) {
    const model::Call call = world.CallBy(caller);
    directory::UserDeletion deletion{user, revision};
    return world.Wait(world.directory.DeleteUser(call, deletion));
  }
  invitations::NewInvitation DraftTo(const std::string& email) const {
    auto draft = world.Draft(email);
    draft.first_name = "Benedikt";
    draft.last_name = "Quux";
    draft.note = "Dear Benedikt Quux";
    draft.metadata["name"] = "Benedikt Quux";
    return draft;
  }
  absl::StatusOr<invitations::CreatedInvitation> InviteBy(std::optional<model::UserId> caller,
                                                          invitations::NewInvitation draft) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.invitations.Create(call, std::move(draft)));
  }
  std::string StateOf(model::InvitationId id) const {
    return world.database.Value(
        absl::StrCat("SELECT concat(state, ' ', open, ' ', email) FROM usher.invitations WHERE id"
                     " = '",
                     model::FormatUuid(id.uuid()), "'"));
  }
  // The tables that still have a text somewhere.
  std::vector<std::string> TablesWith(const std::string& text) const {
    std::vector<std::string> found;
    for (const auto& table : world.database.Query(
             "SELECT relname FROM pg_class WHERE relnamespace = 'usher'::regnamespace AND relkind "
             "= 'r'")) {
      const std::string count = world.database.Value(absl::StrCat(
          "SELECT count(*) FROM usher.", table, " t WHERE t::text ILIKE '%", text, "%'"));
      if (count != "0") found.push_back(absl::StrCat(table, " ", count));
    }
    return found;
  }
};

TEST_F(DeleteUserTest, NothingPersonalIsLeftAnywhere) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId ben = world.Join(DraftTo("Ben.Quux@Example.com"));
  ASSERT_THAT(Upsert({{"https://id.example.com", "quux-1"},
                      Address("ben.quux@example.com"),
                      "Benno",
                      "Quux",
                      "de"}),
              IsOk());
  auto pending = DraftTo("ben.quux@example.com");
  pending.organization = birch.organization.id;
  ASSERT_THAT(InviteBy(std::nullopt, pending), IsOk());
  ASSERT_THAT(Suspend(ben), IsOk());
  directory::MembershipUpdate update;
  update.name = Name(ben);
  update.metadata.emplace()["nick"] = "Benedikt Quux";
  ASSERT_THAT(Update(update), IsOk());
  model::Call call = world.CallBy(ben);
  call.peer = "192.0.2.77:1000";
  directory::UserUpdate rename;
  rename.user = ben;
  rename.last_name = "Quuxen";
  ASSERT_THAT(Change(call, rename), IsOk());

  const Erased report = DeleteBy(std::nullopt, ben);

  ASSERT_THAT(report, IsOk());
  EXPECT_THAT(TablesWith("quux"), testing::IsEmpty());
  EXPECT_THAT(TablesWith("ben"), testing::IsEmpty());
  EXPECT_THAT(TablesWith("192.0.2.77"), testing::IsEmpty());
  EXPECT_EQ(report->memberships_ended, 1);
  EXPECT_EQ(report->identities_removed, 1);
  EXPECT_EQ(report->invitations_erased, 2);
  EXPECT_EQ(report->invitations_kept, 0);
  EXPECT_EQ(report->mails_withdrawn, 1);
  EXPECT_GE(report->events_redacted, 6);
  EXPECT_EQ(Events("user.deleted").size(), 1U);
  EXPECT_EQ(Events("membership.revoked").size(), 1U);
}

TEST_F(DeleteUserTest, EventsOfADeletedInvitationAreFoundByTheAddress) {
  const model::UserId ben = Create(ADraft("Ben@example.com"))->user.id;
  const auto invited = world.Invite(DraftTo("ben@Example.com"));
  const model::Call call = world.CallBy(world.ann);
  invitations::Cancellation cancellation;
  cancellation.organization = world.acme;
  cancellation.id = invited->invitation.id;
  ASSERT_THAT(world.Wait(world.invitations.Cancel(call, cancellation)), IsOk());
  ASSERT_THAT(
      world.Wait(world.invitations.Delete(call, world.acme, invited->invitation.id, std::nullopt)),
      IsOk());

  ASSERT_THAT(DeleteBy(ben, ben), IsOk());

  EXPECT_THAT(TablesWith("ben@"), testing::IsEmpty());
}

TEST_F(DeleteUserTest, InvitationsToThePersonEndAndTheirHistoryStays) {
  const model::UserId ben = world.Join(DraftTo("ben@example.com"));
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  auto draft = DraftTo("ben@example.com");
  draft.organization = birch.organization.id;
  const auto pending = InviteBy(std::nullopt, draft);

  ASSERT_THAT(DeleteBy(ben, ben), IsOk());

  EXPECT_EQ(StateOf(pending->invitation.id), "4 f deleted-user@deleted.invalid");
  EXPECT_THAT(world.Accept(world.TokenOf(pending->invitation), World::Person("ben@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(Events("invitation.canceled"),
              testing::ElementsAre(R"({"state": 1} → {"state": 4})"));
  EXPECT_EQ(world.database.Value(absl::StrCat(
                "SELECT count(*) FROM usher.invitations WHERE state = 2 AND user_id = '",
                model::FormatUuid(ben.uuid()), "'")),
            "1");
  EXPECT_EQ(Events("membership.left").size(), 1U);
}

TEST_F(DeleteUserTest, R28InvitationsOfOneWhoDeletesTheirAccountStayValid) {
  const model::UserId oz = JoinSuperUser("oz@example.com");
  const auto invited = InviteBy(oz, world.Draft("sam@example.com"));

  const Erased report = DeleteBy(oz, oz);

  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->invitations_kept, 1);
  const auto read = world.Get(invited->invitation.id);
  EXPECT_EQ(read->state, model::InvitationState::kPending);
  EXPECT_FALSE(read->inviter);
  EXPECT_THAT(world.Accept(world.TokenOf(*read), World::Person("sam@example.com")), IsOk());
}

TEST_F(DeleteUserTest, R29ListsAndRenewalsWorkWithoutTheInviter) {
  const model::UserId oz = JoinSuperUser("oz@example.com");
  const auto invited = InviteBy(oz, world.Draft("sam@example.com"));
  ASSERT_THAT(InviteBy(oz, world.Draft("tom@example.com")), IsOk());
  ASSERT_THAT(InviteBy(world.ann, world.Draft("uma@example.com")), IsOk());
  ASSERT_THAT(DeleteBy(oz, oz), IsOk());
  const model::Call call = world.CallBy(world.ann);
  invitations::InvitationQuery query;
  query.organization = world.acme;
  invitations::Renewal renewal;
  renewal.organization = world.acme;
  renewal.id = invited->invitation.id;

  EXPECT_EQ(world.Wait(world.invitations.List(call, query))->invitations.size(), 4U);
  EXPECT_THAT(world.Wait(world.invitations.Reinvite(call, renewal)), IsOk());
}

TEST_F(DeleteUserTest, R27LastSuperUserIsNotDeleted) {
  const auto birch = world.AddOrganization("Birch", "ann@example.com");
  world.AddOrganization("Cedar", "bo@example.com");

  const Erased refused = DeleteBy(world.ann, world.ann);

  ASSERT_THAT(refused, Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  const auto metadata = model::RefusalOf(refused.status())->metadata;
  ASSERT_EQ(metadata.size(), 1U);
  EXPECT_EQ(metadata[0].first, "organization_ids");
  EXPECT_THAT(metadata[0].second, testing::HasSubstr(world.acme.ToString()));
  EXPECT_THAT(metadata[0].second, testing::HasSubstr(birch.organization.id.ToString()));
  EXPECT_THAT(Events("user.deleted"), testing::IsEmpty());
  EXPECT_EQ(SuperUsers(), "1");
}

TEST_F(DeleteUserTest, R27TwoSuperUsersWhoDeleteThemselvesAtOnceLeaveOne) {
  for (int round = 0; round < 20; ++round) {
    const auto oak = world.AddOrganization(absl::StrCat("Oak ", round),
                                           absl::StrCat("oz", round, "@example.com"));
    const model::UserId oz = oak.first_super_user;
    const model::UserId eve = Create(ADraft(absl::StrCat("eve", round, "@example.com")))->user.id;
    world.database.Query(absl::StrCat(
        "INSERT INTO usher.memberships (organization_id, user_id, role, site_access, create_time,"
        " update_time) VALUES ('",
        model::FormatUuid(oak.organization.id.uuid()), "', '", model::FormatUuid(eve.uuid()),
        "', 1, 1, usher.now(), usher.now())"));
    const model::Call call = world.CallBy();

    const auto [one, other] =
        Race(world, round, world.directory.DeleteUser(call, {oz, std::nullopt}),
             world.directory.DeleteUser(call, {eve, std::nullopt}));

    EXPECT_NE(one.ok(), other.ok());
    EXPECT_THAT(one.ok() ? other : one,
                Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  }
}

TEST_F(DeleteUserTest, UsersDeleteOnlyThemselves) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");

  EXPECT_THAT(DeleteBy(world.ann, ben), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
  EXPECT_THAT(DeleteBy(birch.first_super_user, ben),
              Refused(StatusCode::kNotFound, Reason::kUserNotFound));
  EXPECT_THAT(DeleteBy(ben, ben), IsOk());
  EXPECT_THAT(DeleteBy(ben, ben), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

TEST_F(DeleteUserTest, StaleEtagIsRefused) {
  const model::UserId ben = Create(ADraft("ben@example.com"))->user.id;

  EXPECT_THAT(DeleteBy(std::nullopt, ben, 7), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(DeleteBy(std::nullopt, ben, 1), IsOk());
}

TEST_F(DeleteUserTest, AddressOfADeletedPersonIsFreeAgain) {
  const model::UserId ben = world.Join(DraftTo("ben@example.com"));
  ASSERT_THAT(DeleteBy(ben, ben), IsOk());

  const model::UserId anew = world.Join(DraftTo("ben@example.com"));

  EXPECT_NE(anew, ben);
  ASSERT_THAT(DeleteBy(anew, anew), IsOk());
  EXPECT_THAT(Create(ADraft("ben@example.com")), IsOk());
}

// Whoever comes first, there is no member and no open invitation without a user.
TEST_F(DeleteUserTest, DeletionAndAcceptanceAtOnceLeaveNothingHalf) {
  const model::Call call = world.CallBy();
  for (int round = 0; round < 30; ++round) {
    const std::string email = absl::StrCat("ben", round, "@example.com");
    const model::UserId ben = Create(ADraft(email))->user.id;
    const auto invited = world.Invite(world.Draft(email));

    const auto [deleted, accepted] = Race(
        world, round, world.directory.DeleteUser(call, {ben, std::nullopt}),
        world.invitations.Accept(call, world.TokenOf(invited->invitation), World::Person(email)));

    EXPECT_THAT(deleted, IsOk());
    if (!accepted.ok()) {
      EXPECT_THAT(accepted, Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
    }
    EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations WHERE open"), "0");
  }
}

}  // namespace
}  // namespace usher::test
