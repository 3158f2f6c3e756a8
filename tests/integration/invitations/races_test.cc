#include <cstdlib>
#include <map>
#include <utility>

#include "tests/integration/invitations/inviting.h"
#include "tests/integration/invitations/race.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Invitation;
using model::InvitationState;
using model::Reason;

constexpr int kCallers = 64;
// Fewer where they stand in one queue.
constexpr int kCreators = 24;

// Few in every run of the tests, 200 in the long one.
int Rounds() {
  const char* rounds = std::getenv("USHER_TEST_ROUNDS");
  return rounds == nullptr ? 5 : std::atoi(rounds);
}

// Sixty-four callers at once, over enough sessions that their statements really meet. What holds
// in general is asked of the database at the end of each test: see tests/support/invariants.h.
class RacesTest : public InvitingTest {
 protected:
  using Task = async::Task<absl::Status>;

  RacesTest() : InvitingTest(/*connections=*/16) {}

  Invitation Invited() {
    return world.Invite(world.Draft(absl::StrCat("p", ++people_, "@example.com")))->invitation;
  }
  Task Accept(const Invitation& invitation) {
    return StatusOnly(world.invitations.Accept(by_service, world.TokenOf(invitation),
                                               World::Person(invitation.email)));
  }
  Task Decline(const Invitation& invitation) {
    return StatusOnly(world.invitations.Decline(by_service, world.TokenOf(invitation),
                                                World::Person(invitation.email)));
  }
  Task CancelBy(const Invitation& invitation) {
    const invitations::Cancellation cancellation{world.acme, invitation.id, {}, {}};
    return StatusOnly(world.invitations.Cancel(by_ann, cancellation));
  }
  Task ReinviteBy(const Invitation& invitation) {
    const invitations::Renewal renewal{world.acme, invitation.id, {}, {}, {}, true};
    return StatusOnly(world.invitations.Reinvite(by_ann, renewal));
  }
  Task CreateFor(const std::string& email) {
    return StatusOnly(world.invitations.Create(by_ann, world.Draft(email)));
  }
  Task Leave(model::OrganizationId organization, model::UserId user) {
    return StatusOnly(world.directory.LeaveOrganization(CallOf(user), organization));
  }
  Task Demote(model::OrganizationId organization, model::UserId by, model::UserId user) {
    directory::MembershipUpdate update;
    update.name = {organization, user, std::nullopt};
    update.role = model::Role::kObserver;
    return StatusOnly(world.directory.UpdateMembership(CallOf(by), update));
  }
  void MakeSuperUsersInstead(model::OrganizationId organization,
                             const std::vector<model::UserId>& users) {
    const std::string id = model::FormatUuid(organization.uuid());
    world.database.Query(
        absl::StrCat("DELETE FROM usher.memberships WHERE organization_id = '", id, "'"));
    for (const model::UserId user : users) {
      world.database.Query(absl::StrCat(
          "INSERT INTO usher.memberships (organization_id, user_id, role, site_access,"
          " create_time, update_time) VALUES ('",
          id, "', '", model::FormatUuid(user.uuid()), "', 1, 1, usher.now(), usher.now())"));
    }
  }
  // How many of the tasks with even and with odd numbers ended well. The others are counted by
  // their reasons in `refusals`.
  std::pair<int, int> Run(std::vector<Task> tasks) {
    const auto answers = world.WaitAll(std::move(tasks));
    std::pair<int, int> ok;
    refusals.clear();
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].ok()) {
        ++(i % 2 == 0 ? ok.first : ok.second);
        continue;
      }
      const auto refusal = model::RefusalOf(answers[i]);
      EXPECT_TRUE(refusal) << answers[i];
      if (refusal) ++refusals[refusal->reason];
    }
    return ok;
  }
  // As many of both in turn, every other round beginning with the second.
  template <class A, class B>
  std::pair<int, int> Mix(int round, A a, B b) {
    std::vector<Task> tasks;
    for (int i = 0; i < kCallers; ++i) tasks.push_back((i + round) % 2 == 0 ? a() : b());
    return Run(std::move(tasks));
  }
  bool IsMember(const Invitation& invitation) const {
    return Count("memberships", absl::StrCat("invitation_id = '",
                                             model::FormatUuid(invitation.id.uuid()), "'")) == 1;
  }

  const model::Call by_ann = LongCall(world.ann);
  const model::Call by_service = LongCall(std::nullopt);
  std::map<Reason, int> refusals;

 private:
  model::Call LongCall(std::optional<model::UserId> user) {
    model::Call call = world.CallBy(user);
    call.deadline += std::chrono::minutes(20);
    return call;
  }

  const model::Call& CallOf(model::UserId user) {
    return calls_.try_emplace(user, LongCall(user)).first->second;
  }

  int people_ = 0;
  std::map<model::UserId, model::Call> calls_;
};

TEST_F(RacesTest, R16AcceptAndAccept) {
  for (int round = 0; round < Rounds(); ++round) {
    const Invitation invitation = Invited();
    std::vector<Task> tasks;
    for (int i = 0; i < kCallers; ++i) tasks.push_back(Accept(invitation));

    const auto ok = Run(std::move(tasks));

    EXPECT_EQ(ok.first + ok.second, kCallers);
    EXPECT_TRUE(IsMember(invitation));
  }
}

TEST_F(RacesTest, AcceptAndCancel) {
  for (int round = 0; round < Rounds(); ++round) {
    const Invitation invitation = Invited();

    const auto ok = Mix(
        round, [&] { return Accept(invitation); }, [&] { return CancelBy(invitation); });

    EXPECT_EQ(ok.first + ok.second, kCallers / 2);
    const bool accepted = world.Get(invitation.id)->state == InvitationState::kAccepted;
    EXPECT_EQ(IsMember(invitation), accepted);
    EXPECT_EQ(refusals[accepted ? Reason::kWrongState : Reason::kInvitationInvalid], kCallers / 2);
  }
}

TEST_F(RacesTest, R19AcceptAndDecline) {
  for (int round = 0; round < Rounds(); ++round) {
    const Invitation invitation = Invited();

    const auto ok = Mix(
        round, [&] { return Accept(invitation); }, [&] { return Decline(invitation); });

    EXPECT_EQ(ok.first + ok.second, kCallers / 2);
    EXPECT_EQ(refusals[Reason::kInvitationInvalid], kCallers / 2);
    EXPECT_EQ(IsMember(invitation), world.Get(invitation.id)->state == InvitationState::kAccepted);
  }
}

TEST_F(RacesTest, R02CreateAndCreate) {
  for (int round = 0; round < Rounds(); ++round) {
    const std::string email = absl::StrCat("new", round, "@example.com");
    std::vector<Task> tasks;
    for (int i = 0; i < kCallers; ++i) tasks.push_back(CreateFor(email));

    const auto ok = Run(std::move(tasks));

    EXPECT_EQ(ok.first + ok.second, 1);
    EXPECT_EQ(refusals[Reason::kInvitationExists], kCallers - 1);
  }
}

TEST_F(RacesTest, R22ReinviteAndAcceptWithTheOldLink) {
  for (int round = 0; round < Rounds(); ++round) {
    const Invitation invitation = Invited();

    const auto ok = Mix(
        round, [&] { return Accept(invitation); }, [&] { return ReinviteBy(invitation); });

    EXPECT_EQ(ok.first + ok.second, kCallers / 2) << "either all acceptances or all reinvitations";
    EXPECT_TRUE(ok.first == 0 || ok.second == 0);
    EXPECT_EQ(IsMember(invitation), world.Get(invitation.id)->generation == 1);
  }
}

TEST_F(RacesTest, SeatsAndAccept) {
  for (int round = 0; round < Rounds(); ++round) {
    Set("seat_limit = 0");
    std::vector<Task> tasks;
    for (int i = 0; i < kCallers; ++i) tasks.push_back(Accept(Invited()));
    const int members = Count("memberships");
    Set(absl::StrCat("seat_limit = ", members + 5));

    const auto ok = Run(std::move(tasks));

    EXPECT_EQ(ok.first + ok.second, 5);
    EXPECT_EQ(refusals[Reason::kSeatLimit], kCallers - 5);
    EXPECT_EQ(Count("memberships"), members + 5);
  }
}

TEST_F(RacesTest, ReservedSeatsAndCreate) {
  for (int round = 0; round < Rounds(); ++round) {
    const int taken = Count("memberships") + Count("invitations", "state = 1");
    Set(absl::StrCat("seat_mode = 2, seat_limit = ", taken + 5));
    std::vector<Task> tasks;
    for (int i = 0; i < kCreators; ++i) {
      tasks.push_back(CreateFor(absl::StrCat("r", round, "-", i, "@example.com")));
    }

    const auto ok = Run(std::move(tasks));

    EXPECT_EQ(ok.first + ok.second, 5);
    EXPECT_EQ(refusals[Reason::kSeatLimit], kCreators - 5);
  }
}

// Eight Super Users, each of whom once demotes every other and once leaves. Whoever is left has
// turned against all others, so there is one, and there is one.
TEST_F(RacesTest, R27SuperUsersWhoLeaveAndDemoteEachOther) {
  std::vector<model::UserId> users;
  for (int i = 0; i < 8; ++i)
    users.push_back(world.Join(world.Draft(absl::StrCat("s", i, "@x.org"))));
  for (int round = 0; round < Rounds(); ++round) {
    const auto birch = world.AddOrganization(absl::StrCat("B", round), "bo@example.com");
    const model::OrganizationId in = birch.organization.id;
    MakeSuperUsersInstead(in, users);
    std::vector<Task> tasks;
    for (size_t i = 0; i < users.size() * users.size(); ++i) {
      const model::UserId actor = users[i % users.size()];
      const model::UserId target = users[(i + i / users.size() + round) % users.size()];
      tasks.push_back(actor == target ? Leave(in, actor) : Demote(in, actor, target));
    }

    const auto ok = Run(std::move(tasks));

    EXPECT_GE(ok.first + ok.second, 7);
    EXPECT_EQ(Count("memberships", absl::StrCat("role = 1 AND status = 1 AND organization_id = '",
                                                model::FormatUuid(in.uuid()), "'")),
              1);
    for (const auto& [reason, count] : refusals) {
      EXPECT_THAT(reason,
                  testing::AnyOf(Reason::kLastSuperUser, Reason::kPermissionMissing,
                                 Reason::kOrganizationNotFound, Reason::kMembershipNotFound));
    }
  }
}

}  // namespace
}  // namespace usher::test
