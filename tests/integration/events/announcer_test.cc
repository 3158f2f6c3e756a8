#include "events/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "events/events.h"
#include "events/horizon.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using events::Announcer;
using events::AnnouncerOptions;
using testing::ElementsAre;
using testing::IsEmpty;

class AnnouncerTest : public testing::Test {
 protected:
  std::vector<std::string> Announced() {
    return world.database.Query(
        "SELECT type || ' ' || before || ' → ' || after FROM usher.events "
        "WHERE type IN ('invitation.expired', 'membership.ended') ORDER BY sequence");
  }
  void EndMemberships(const std::string& when) {
    world.database.Query(
        absl::StrCat("UPDATE usher.memberships SET end_time = ", when, " WHERE role = 3"));
  }
  int64_t Announce() { return *world.Wait(announcer.Announce()); }
  int64_t Purge() { return *world.Wait(announcer.Purge()); }
  std::string Events() { return world.database.Value("SELECT count(*) FROM usher.events"); }

  static AnnouncerOptions SmallBatches() {
    AnnouncerOptions options;
    options.batch = 3;
    options.retention = absl::Hours(24);
    return options;
  }

  World world;
  events::AnnouncerObserver observer;
  Announcer announcer{world.lane, world.db, SmallBatches(), observer};
};

TEST_F(AnnouncerTest, TellsOnceThatAnInvitationExpired) {
  const auto invited = world.Invite(world.Draft("ben@example.com"));
  EXPECT_EQ(Announce(), 0);

  world.database.MoveClock(absl::Hours(168));

  EXPECT_EQ(Announce(), 1);
  EXPECT_EQ(Announce(), 0);
  EXPECT_THAT(Announced(), ElementsAre("invitation.expired {\"state\": 1} → {\"state\": 5}"));
  EXPECT_EQ(world.Get(invited->invitation.id)->revision, invited->invitation.revision);
}

TEST_F(AnnouncerTest, TellsAgainOfARenewedOne) {
  const auto invited = world.Invite(world.Draft("ben@example.com"));
  world.database.MoveClock(absl::Hours(168));
  ASSERT_EQ(Announce(), 1);
  invitations::Renewal renewal;
  renewal.organization = world.acme;
  renewal.id = invited->invitation.id;
  const model::Call call = world.CallBy(world.ann);
  ASSERT_THAT(world.Wait(world.invitations.Reinvite(call, renewal)), IsOk());
  EXPECT_EQ(Announce(), 0);

  world.database.MoveClock(absl::Hours(2 * 168));

  EXPECT_EQ(Announce(), 1);
}

TEST_F(AnnouncerTest, TellsOfAnExpiredOneThatWasReplacedSince) {
  ASSERT_THAT(world.Invite(world.Draft("ben@example.com")), IsOk());
  world.database.MoveClock(absl::Hours(168));
  ASSERT_THAT(world.Invite(world.Draft("ben@example.com")), IsOk());

  EXPECT_EQ(Announce(), 1);
  EXPECT_EQ(Announce(), 0);
}

TEST_F(AnnouncerTest, SaysNothingOfWhatEndedOtherwise) {
  world.Join(world.Draft("ben@example.com"));

  world.database.MoveClock(absl::Hours(168));

  EXPECT_EQ(Announce(), 0);
}

TEST_F(AnnouncerTest, TellsOnceThatAMembershipEndedAndAgainOfALaterEnd) {
  world.Join(world.Draft("ben@example.com"));
  EndMemberships("usher.now() + interval '1 hour'");
  EXPECT_EQ(Announce(), 0);

  world.database.MoveClock(absl::Hours(1));

  EXPECT_EQ(Announce(), 1);
  EXPECT_EQ(Announce(), 0);
  EXPECT_THAT(Announced(), ElementsAre("membership.ended {\"status\": 1} → {\"status\": 3}"));
  EndMemberships("usher.now() + interval '1 hour'");
  EXPECT_EQ(Announce(), 0);
  world.database.MoveClock(absl::Hours(3));
  EXPECT_EQ(Announce(), 1);
}

TEST_F(AnnouncerTest, SeveralReplicasTellOnceOfEach) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_THAT(world.Invite(world.Draft(absl::StrCat("p", i, "@example.com"))), IsOk());
  }
  world.database.MoveClock(absl::Hours(168));
  Announcer second(world.lane, world.db, SmallBatches(), observer);
  Announcer third(world.lane, world.db, SmallBatches(), observer);

  std::vector<async::Task<absl::StatusOr<int64_t>>> rounds;
  for (Announcer* replica : {&announcer, &second, &third}) rounds.push_back(replica->Announce());
  const auto counts = world.WaitAll(std::move(rounds));

  // Each skips what another one holds; the next round finds what was skipped.
  EXPECT_EQ(*counts[0] + *counts[1] + *counts[2] + Announce(), 40);
  EXPECT_EQ(world.database.Value("SELECT count(DISTINCT subject_id) || ' of ' || count(*) FROM "
                                 "usher.events WHERE type = 'invitation.expired'"),
            "40 of 40");
}

TEST_F(AnnouncerTest, ErasesOldEventsAndRemembersHowFar) {
  events::Events log(world.db);
  world.database.MoveClock(absl::Hours(25));
  world.AddSite(world.acme, "Late");
  const std::string last_old = world.database.Value(
      "SELECT xact || '.' || sequence FROM usher.events ORDER BY sequence DESC OFFSET 1 LIMIT 1");

  EXPECT_EQ(Purge(), 5);
  EXPECT_EQ(Purge(), 0);

  EXPECT_EQ(Events(), "1");
  events::Scope scope;
  scope.organization = world.acme;
  const model::Call call = world.CallBy();
  const auto horizon = world.Wait(log.Authorize(call, scope));
  ASSERT_THAT(horizon, IsOk());
  EXPECT_EQ(horizon->purged.ToString(), last_old);
}

TEST_F(AnnouncerTest, ErasesKeptAnswersThatNoLongerCount) {
  world.database.Query(
      "INSERT INTO usher.requests (caller, request_id, content, form, answer, create_time) "
      "SELECT 'service', 'id ' || n, '', '', '{}', usher.now() - n * interval '1 hour' "
      "FROM generate_series(20, 30) n");

  EXPECT_EQ(Purge(), 7);

  EXPECT_EQ(world.database.Value("SELECT max(request_id) FROM usher.requests"), "id 23");
}

TEST_F(AnnouncerTest, OneReplicaErasesAtATime) {
  world.database.MoveClock(absl::Hours(25));
  Announcer second(world.lane, world.db, SmallBatches(), observer);

  std::vector<async::Task<absl::StatusOr<int64_t>>> rounds;
  for (Announcer* replica : {&announcer, &second}) rounds.push_back(replica->Purge());
  const auto counts = world.WaitAll(std::move(rounds));

  EXPECT_EQ(*counts[0] + *counts[1] + Purge(), 5);
  EXPECT_EQ(Events(), "0");
}

TEST_F(AnnouncerTest, WorksByItselfUntilItIsStopped) {
  ASSERT_THAT(world.Invite(world.Draft("ben@example.com")), IsOk());
  world.database.MoveClock(absl::Hours(168));
  const int frames = async::LiveFrames();

  announcer.Start();
  while (Announced().empty()) world.lane.RunOnce(world.lane.now() + std::chrono::milliseconds(20));
  ASSERT_THAT(world.Wait(announcer.Stop()), IsOk());

  EXPECT_EQ(Announced().size(), 1U);
  EXPECT_LE(async::LiveFrames(), frames);
}

}  // namespace
}  // namespace usher::test
