#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/invitations/race.h"
#include "tests/support/members.h"

namespace usher::test {
namespace {

using model::InvitationState;
using model::Role;

// What becomes of the invitations that somebody sent who may not invite any more.
class DepartureTest : public MembersTest {
 protected:
  // Oz invites Sam.
  void SetUp() override {
    oz = JoinSuperUser("oz@example.com");
    sam = InviteBy(oz, "sam@example.com");
  }
  model::InvitationId InviteBy(model::UserId inviter, const std::string& email) {
    const model::Call call = world.CallBy(inviter);
    return world.Wait(world.invitations.Create(call, world.Draft(email)))->invitation.id;
  }
  absl::Status Cancel(model::InvitationId id) {
    const model::Call call = world.CallBy();
    invitations::Cancellation cancellation;
    cancellation.organization = world.acme;
    cancellation.id = id;
    return world.Wait(world.invitations.Cancel(call, cancellation)).status();
  }
  InvitationState StateOf(model::InvitationId id) {
    const model::Call call = world.CallBy();
    return world.Wait(world.invitations.Get(call, world.acme, id))->state;
  }
  void Keep() const {
    world.database.Query("UPDATE usher.organizations SET inviter_departure_policy = 2");
  }
  std::string MailTo(model::InvitationId id) const {
    return world.database.Value(
        absl::StrCat("SELECT state FROM usher.mails WHERE invitation_id ="
                     " '",
                     model::FormatUuid(id.uuid()), "'"));
  }
  directory::BatchRevocation BatchOf(model::UserId user) const {
    return {world.acme, {Name(user)}};
  }

  // After Oz went: a Super User again who has invited Sam again.
  void SetUpAgain() {
    world.database.Query("DELETE FROM usher.memberships WHERE user_id = '" +
                         model::FormatUuid(oz.uuid()) + "'");
    SetUp();
  }

  // Every way to lose the right to invite, by its name.
  using Ways = std::map<std::string, std::function<absl::Status()>>;
  Ways AllWays() {
    return {
        {"revoke", [this] { return Revoke(oz).status(); }},
        {"suspend", [this] { return Suspend(oz).status(); }},
        {"demote", [this] { return Update(RoleOf(oz, Role::kSuperObserver)).status(); }},
        {"leave", [this] { return Leave(oz).status(); }},
        {"batch revoke", [this] {
           const model::Call call = world.CallBy(world.ann);
           return world.Wait(world.directory.BatchRevokeMemberships(call, BatchOf(oz))).status();
         }}};
  }

  model::UserId oz;
  model::InvitationId sam;
};

TEST_F(DepartureTest, PendingInvitationsAreCanceledWithTheirMailsHoweverTheInviterGoes) {
  for (const auto& [name, leave] : AllWays()) {
    SCOPED_TRACE(name);
    const size_t canceled = Events("invitation.canceled").size();
    ASSERT_EQ(StateOf(sam), InvitationState::kPending);
    const auto tom = InviteBy(oz, "tom@example.com");

    ASSERT_THAT(leave(), IsOk());

    EXPECT_EQ(StateOf(sam), InvitationState::kCanceled);
    EXPECT_EQ(StateOf(tom), InvitationState::kCanceled);
    EXPECT_EQ(MailTo(sam), "4");
    EXPECT_EQ(MailTo(tom), "4");
    EXPECT_EQ(Events("invitation.canceled").size(), canceled + 2);
    SetUpAgain();
  }
}

TEST_F(DepartureTest, PolicyKeepKeepsThemHoweverTheInviterGoes) {
  Keep();
  for (const auto& [name, leave] : AllWays()) {
    SCOPED_TRACE(name);

    ASSERT_THAT(leave(), IsOk());

    EXPECT_EQ(StateOf(sam), InvitationState::kPending);
    EXPECT_EQ(MailTo(sam), "1");
    ASSERT_THAT(Cancel(sam), IsOk());
    SetUpAgain();
  }
}

TEST_F(DepartureTest, OnlyPendingInvitationsOfThisOrganizationAndThisInviterEnd) {
  const auto birch = world.AddOrganization("Birch", "oz@example.com");
  const model::Call by_oz = world.CallBy(oz);
  auto draft = world.Draft("sam@example.com");
  draft.organization = birch.organization.id;
  const auto elsewhere = world.Wait(world.invitations.Create(by_oz, draft));
  const auto by_ann = InviteBy(world.ann, "tom@example.com");
  const auto expired = InviteBy(oz, "uma@example.com");
  world.database.Query(
      absl::StrCat("UPDATE usher.invitations SET expire_time = usher.now() WHERE "
                   "id = '",
                   model::FormatUuid(expired.uuid()), "'"));

  ASSERT_THAT(Revoke(oz), IsOk());

  EXPECT_EQ(StateOf(by_ann), InvitationState::kPending);
  EXPECT_EQ(StateOf(expired), InvitationState::kExpired);
  const model::Call by_service = world.CallBy();
  EXPECT_EQ(
      world
          .Wait(world.invitations.Get(by_service, birch.organization.id, elsewhere->invitation.id))
          ->state,
      InvitationState::kPending);
}

TEST_F(DepartureTest, ChangeThatLeavesTheRightToInviteCancelsNothing) {
  directory::MembershipUpdate update;
  update.name = Name(oz);
  update.metadata.emplace()["team"] = "north";

  ASSERT_THAT(Update(update), IsOk());

  EXPECT_EQ(StateOf(sam), InvitationState::kPending);
}

TEST_F(DepartureTest, RefusedChangeCancelsNothing) {
  ASSERT_THAT(RevokeBy(oz, world.ann), IsOk());
  const auto tom = InviteBy(oz, "tom@example.com");

  EXPECT_THAT(Revoke(oz), testing::Not(IsOk()));
  EXPECT_THAT(Leave(oz), testing::Not(IsOk()));
  EXPECT_EQ(StateOf(tom), InvitationState::kPending);
}

// Whoever is first: nothing that was just sent by one who may not invite any more stays.
TEST_F(DepartureTest, DepartureAndInvitationAtOnceLeaveNothingPending) {
  const model::Call by_oz = world.CallBy(oz);
  const model::Call by_service = world.CallBy();
  for (int round = 0; round < 40; ++round) {
    directory::MembershipChange change{Name(oz), std::nullopt};
    auto draft = world.Draft(absl::StrCat("q", round, "@example.com"));

    const auto [suspended, invited] =
        Race(world, round, world.directory.SuspendMembership(by_service, change),
             world.invitations.Create(by_oz, std::move(draft)));

    ASSERT_THAT(suspended, IsOk());
    EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations WHERE state = 1"), "0");
    ASSERT_THAT(Reactivate(oz), IsOk());
  }
}

TEST_F(DepartureTest, DepartureAndAcceptancesAtOnceEndEachInvitationOnce) {
  const model::Call by_service = world.CallBy();
  for (int round = 0; round < 20; ++round) {
    std::vector<async::Task<absl::Status>> tasks;
    std::vector<model::InvitationId> invited;
    for (int i = 0; i < 6; ++i) {
      invited.push_back(InviteBy(oz, absl::StrCat("p", round, ".", i, "@example.com")));
    }
    directory::MembershipChange change{Name(oz), std::nullopt};
    for (int i = 0; i < 6; ++i) {
      if (i == round % 6) {
        tasks.push_back(StatusOnly(world.directory.SuspendMembership(by_service, change)));
      }
      const auto invitation = world.Get(invited[static_cast<size_t>(i)]);
      tasks.push_back(StatusOnly(world.invitations.Accept(by_service, world.TokenOf(*invitation),
                                                          World::Person(invitation->email))));
    }

    (void)world.WaitAll(std::move(tasks));

    for (const auto& id : invited) {
      const InvitationState state = StateOf(id);
      EXPECT_TRUE(state == InvitationState::kAccepted || state == InvitationState::kCanceled);
    }
    ASSERT_THAT(Reactivate(oz), IsOk());
  }
  EXPECT_EQ(
      world.database.Value("SELECT count(*) FROM usher.events WHERE type = 'invitation.accepted'"),
      world.database.Value("SELECT count(*) FROM usher.memberships m JOIN usher.invitations i"
                           " ON i.organization_id = m.organization_id AND i.id ="
                           " m.invitation_id"));
}

}  // namespace
}  // namespace usher::test
