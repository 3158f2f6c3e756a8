#include "directory/access_copy.h"

#include <gtest/gtest.h>

#include <map>

namespace usher::directory {
namespace {

using model::AccessReason;
using model::Position;
using Mode = model::Consistency::Mode;
using std::chrono::milliseconds;
using What = Outdated::What;

async::Instant clock_now;

model::Uuid Numbered(uint8_t number) { return {number}; }

class AccessCopyTest : public testing::Test {
 protected:
  AccessCopyTest() {
    clock_now = async::Instant(std::chrono::hours(1));
    member.role = model::Role::kObserver;
    // Begins.
    Read(10, 11);
  }
  // The log up to transaction `upto`, when `next` was the first that was not given.
  void Read(uint64_t upto, uint64_t next, std::vector<Outdated> outdated = {}) {
    LogReading reading;
    reading.after = read_upto;
    reading.upto = Position::Before(upto + 1);
    reading.next_xact = next;
    reading.asked_at = clock_now;
    reading.time = absl::FromUnixSeconds(1'000) + absl::FromChrono(clock_now.time_since_epoch());
    reading.server = server;
    reading.outdated = std::move(outdated);
    read_upto = reading.upto;
    copy.Read(reading);
  }
  FactsSource SeenUpTo(uint64_t xact) const { return {Position::Before(xact + 1), server}; }
  void KeepMember(uint64_t seen) { copy.Keep(SeenUpTo(seen), acme, ann, member); }
  std::optional<model::AccessDecision> Ask(model::Consistency consistency = {}) {
    return copy.Decide(acme, ann, std::nullopt, "members.read", consistency);
  }
  static void Pass(milliseconds time) { clock_now += time; }

  const model::OrganizationId acme{Numbered(1)};
  const model::UserId ann{Numbered(2)};
  const model::SiteId oslo{Numbered(3)};
  const model::SiteGroupId north{Numbered(4)};
  absl::Time server = absl::FromUnixSeconds(1);
  MemberFacts member;
  Position read_upto;
  std::map<AccessCopy::Outcome, int> outcomes;
  AccessCopy copy{100, [this](auto outcome) { ++outcomes[outcome]; }, [] { return clock_now; }};
};

TEST_F(AccessCopyTest, AnswersByWhatWasSeen) {
  EXPECT_FALSE(Ask());
  KeepMember(10);

  ASSERT_TRUE(Ask());
  EXPECT_EQ(Ask()->reason, AccessReason::kPermissionNotGranted);
  EXPECT_EQ(copy.position(), Position::Before(11));
  EXPECT_EQ(outcomes[AccessCopy::Outcome::kUnknown], 1);
  EXPECT_EQ(outcomes[AccessCopy::Outcome::kAnswered], 2);
}

TEST_F(AccessCopyTest, WhoIsNoMemberIsKnownToo) {
  copy.Keep(SeenUpTo(10), acme, ann, std::nullopt);

  ASSERT_TRUE(Ask());
  EXPECT_EQ(Ask()->reason, AccessReason::kNotAMember);
}

TEST_F(AccessCopyTest, AnEventOutdatesItsMemberAlone) {
  const model::UserId ben{Numbered(9)};
  KeepMember(10);
  copy.Keep(SeenUpTo(10), acme, ben, member);

  Read(11, 12, {{What::kMember, acme, ben}});

  EXPECT_TRUE(Ask());
  EXPECT_FALSE(copy.Decide(acme, ben, std::nullopt, "members.read", {}));
}

TEST_F(AccessCopyTest, AnOrganizationsEventOutdatesAllOfIt) {
  KeepMember(10);

  Read(11, 12, {{What::kOrganization, acme, {}}});

  EXPECT_FALSE(Ask());
  EXPECT_EQ(copy.size(), 0U);
}

TEST_F(AccessCopyTest, ASitesEventOutdatesSitesAndNoMember) {
  member.access = *model::SiteAccess::Groups({north});
  KeepMember(10);
  copy.Keep(SeenUpTo(10), acme, oslo, SiteFacts{true, {north}});
  ASSERT_TRUE(copy.Decide(acme, ann, oslo, "sites.read", {})->allowed);

  Read(11, 12, {{What::kSites, acme, {}}});

  EXPECT_FALSE(copy.Decide(acme, ann, oslo, "sites.read", {}));
  EXPECT_TRUE(Ask());
}

// The statement saw less than the log that was read since: the event that outdates it may have
// passed already.
TEST_F(AccessCopyTest, WhatWasSeenBeforeWhatWasReadIsNotKept) {
  Read(12, 13);

  KeepMember(11);

  EXPECT_FALSE(Ask());
}

TEST_F(AccessCopyTest, IsNotAskedWhenNobodyReadsTheLogAnyMore) {
  KeepMember(10);
  Pass(AccessCopy::kBound);
  EXPECT_TRUE(Ask());

  Pass(milliseconds(1));

  EXPECT_FALSE(Ask());
  EXPECT_EQ(outcomes[AccessCopy::Outcome::kTooOld], 1);
  Read(10, 11);
  EXPECT_TRUE(Ask());
}

// Transaction 11 stays open: what 12 and later have committed is not told.
TEST_F(AccessCopyTest, IsNotAskedWhileAnOpenTransactionHidesOthers) {
  KeepMember(10);
  for (uint64_t next = 12; next < 52; ++next) {
    Pass(milliseconds(100));
    Read(10, next);
  }
  EXPECT_FALSE(Ask());

  Read(51, 52);

  EXPECT_TRUE(Ask());
}

TEST_F(AccessCopyTest, AGapInTheLogBeginsAnew) {
  KeepMember(10);
  read_upto = Position::Before(15);

  Read(20, 21);

  EXPECT_FALSE(Ask());
  KeepMember(20);
  EXPECT_TRUE(Ask());
}

TEST_F(AccessCopyTest, AnotherServerBeginsAnew) {
  KeepMember(10);
  const FactsSource of_the_former = SeenUpTo(30);
  server += absl::Seconds(5);

  Read(20, 21);

  EXPECT_FALSE(Ask());
  copy.Keep(of_the_former, acme, ann, member);
  EXPECT_FALSE(Ask());
}

TEST_F(AccessCopyTest, AtLeastAPositionIsAnsweredOnceItWasRead) {
  KeepMember(10);
  const model::Consistency at_least{Mode::kAtLeast, *Position::Parse("11")};

  EXPECT_FALSE(Ask(at_least));
  Read(11, 12);

  EXPECT_TRUE(Ask(at_least));
  EXPECT_FALSE(Ask({Mode::kFullyConsistent, {}}));
}

TEST_F(AccessCopyTest, AMembershipEndsByTheClock) {
  member.end_time = absl::FromUnixSeconds(1'000) + absl::FromChrono(clock_now.time_since_epoch()) +
                    absl::Seconds(1);
  KeepMember(10);
  EXPECT_EQ(Ask()->reason, AccessReason::kPermissionNotGranted);

  Pass(milliseconds(1000));

  EXPECT_EQ(Ask()->reason, AccessReason::kEnded);
}

TEST_F(AccessCopyTest, HoldsNoMoreThanItMayAndKeepsWhatIsAsked) {
  KeepMember(10);
  for (int i = 0; i < 1000; ++i) {
    model::Uuid uuid{7, static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)};
    copy.Keep(SeenUpTo(10), acme, model::UserId(uuid), member);
    EXPECT_TRUE(Ask()) << i;
  }

  EXPECT_LE(copy.size(), 101U);
}

}  // namespace
}  // namespace usher::directory
