#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/session.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::CreatedInvitation;
using invitations::Declination;
using invitations::Invitation;
using model::Reason;

// Calls that are ready together, and so share a transaction (docs/adr/0010).
class SharingTest : public testing::Test {
 protected:
  using Created = absl::StatusOr<CreatedInvitation>;

  // Connected, and every statement prepared.
  SharingTest() { EXPECT_THAT(world.Invite(world.Draft("first@example.com")), IsOk()); }

  // To n0, n1, … at example.com, one of them to another address.
  std::vector<Created> CreateAll(size_t count, size_t odd, const std::string& odd_email) {
    const model::Call call = world.CallBy(world.ann);
    std::vector<async::Task<Created>> tasks;
    for (size_t i = 0; i < count; ++i) {
      const std::string email = i == odd ? odd_email : absl::StrCat("n", i, "@example.com");
      tasks.push_back(world.invitations.Create(call, world.Draft(email)));
    }
    return world.WaitAll(std::move(tasks));
  }
  // Begins without waiting for it.
  template <class T>
  static async::Detached Begin(async::Task<T> task, T* answer, bool* done) {
    *answer = co_await task;
    *done = true;
  }
  void WaitFor(const bool& done) {
    while (!done) world.lane.RunOnce(world.lane.now() + std::chrono::milliseconds(100));
  }
  // What happens to a row of this address before it is inserted.
  void BeforeInsertOf(const std::string& email, const std::string& plpgsql) {
    world.database.Query(absl::StrCat(
        "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.email = '",
        email, "' THEN ", plpgsql, "; END IF; RETURN NEW; END $$"));
    world.database.Query(
        "CREATE TRIGGER odd BEFORE INSERT ON usher.invitations"
        " FOR EACH ROW EXECUTE FUNCTION odd()");
  }
  std::string Transactions() const {
    return world.database.Value(
        "SELECT count(DISTINCT xact) FROM usher.events"
        " WHERE type = 'invitation.created' AND after ->> 'email' LIKE 'n%'");
  }

  World world;
};

TEST_F(SharingTest, TheirEventsFollowEachOtherAtOnePosition) {
  const auto answers = CreateAll(20, 20, "");

  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->position, answers[0]->position);
  }
  EXPECT_EQ(Transactions(), "1");
  EXPECT_EQ(world.database.Value("SELECT count(DISTINCT sequence) FROM usher.events"
                                 " WHERE after ->> 'email' LIKE 'n%'"),
            "20");
}

TEST_F(SharingTest, OfTwoForAnAddressOneIsCreated) {
  const auto answers = CreateAll(10, 7, "n2@example.com");

  for (size_t i = 0; i < answers.size(); ++i) {
    if (i == 7) {
      EXPECT_THAT(answers[i], Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
    } else {
      EXPECT_THAT(answers[i], IsOk());
    }
  }
}

TEST_F(SharingTest, TheFaultOfOneIsNotAnothers) {
  BeforeInsertOf("odd@example.com", "RAISE EXCEPTION 'broken'");

  const auto answers = CreateAll(10, 7, "odd@example.com");

  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].status().code(), i == 7 ? StatusCode::kInternal : StatusCode::kOk);
  }
  EXPECT_EQ(Transactions(), "1");
}

TEST_F(SharingTest, WhoIsSlowHoldsUpNobody) {
  BeforeInsertOf("odd@example.com", "PERFORM pg_sleep(2)");
  Created slow = absl::UnknownError("not answered");
  bool done = false;
  const model::Call call = world.CallBy(world.ann);
  Begin(world.invitations.Create(call, world.Draft("odd@example.com")), &slow, &done);

  const auto answers = CreateAll(10, 10, "");

  EXPECT_FALSE(done);
  for (const auto& answer : answers) EXPECT_THAT(answer, IsOk());
  WaitFor(done);
  EXPECT_THAT(slow, IsOk());
}

TEST_F(SharingTest, WhoWaitsForALockHoldsUpNobody) {
  const Invitation locked = world.Invite(world.Draft("locked@example.com"))->invitation;
  Session session(world.database);
  session.Run("BEGIN");
  session.Run("SELECT id FROM usher.invitations WHERE email = 'locked@example.com' FOR UPDATE");
  absl::StatusOr<Declination> declined = absl::UnknownError("not answered");
  bool done = false;
  const model::Call call = world.CallBy();
  Begin(world.invitations.Decline(call, world.TokenOf(locked), World::Person("locked@example.com"),
                                  false),
        &declined, &done);

  const auto answers = CreateAll(10, 10, "");

  EXPECT_FALSE(done);
  for (const auto& answer : answers) EXPECT_THAT(answer, IsOk());
  session.Run("COMMIT");
  WaitFor(done);
  EXPECT_THAT(declined, IsOk());
}

TEST_F(SharingTest, EachKeepsItsOwnAnswer) {
  std::vector<model::Call> calls(10, world.CallBy(world.ann));
  for (int round = 0; round < 2; ++round) {
    std::vector<async::Task<Created>> tasks;
    for (size_t i = 0; i < calls.size(); ++i) {
      calls[i].change_id = absl::StrCat("r", i);
      tasks.push_back(
          world.invitations.Create(calls[i], world.Draft(absl::StrCat("n", i, "@example.com"))));
    }

    const auto answers = world.WaitAll(std::move(tasks));

    for (size_t i = 0; i < answers.size(); ++i) {
      ASSERT_THAT(answers[i], IsOk());
      EXPECT_EQ(answers[i]->invitation.email, absl::StrCat("n", i, "@example.com"));
    }
  }
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations WHERE email LIKE 'n%'"),
            "10");
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.requests"), "10");
}

TEST_F(SharingTest, ALimitIsCountedOneByOne) {
  world.database.Query("UPDATE usher.organizations SET pending_limit = 6");

  const auto answers = CreateAll(10, 10, "");

  // One is pending from the beginning.
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& a) { return a.ok(); }), 5);
}

TEST_F(SharingTest, APersonWhoAcceptsInTwoOrganizationsIsOneUser) {
  const auto other = world.AddOrganization("Other", "olga@example.com");
  auto elsewhere = world.Draft("kai@example.com");
  elsewhere.organization = other.organization.id;
  const model::Call olga = world.CallBy(other.first_super_user);
  const auto there = world.Wait(world.invitations.Create(olga, std::move(elsewhere)));
  const auto here = world.Invite(world.Draft("kai@example.com"));
  ASSERT_THAT(there, IsOk());
  ASSERT_THAT(here, IsOk());
  const model::Call call = world.CallBy();
  std::vector<async::Task<absl::StatusOr<invitations::Acceptance>>> tasks;
  for (const auto* invited : {&here, &there}) {
    tasks.push_back(world.invitations.Accept(call, world.TokenOf((*invited)->invitation),
                                             World::Person("kai@example.com")));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  ASSERT_THAT(answers[0], IsOk());
  ASSERT_THAT(answers[1], IsOk());
  EXPECT_EQ(answers[0]->membership.user.id, answers[1]->membership.user.id);
  EXPECT_NE(answers[0]->user_created, answers[1]->user_created);
}

}  // namespace
}  // namespace usher::test
