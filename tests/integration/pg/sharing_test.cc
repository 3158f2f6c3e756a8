#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/sync_wait.h"
#include "pg/pool.h"
#include "tests/support/database.h"

namespace usher::pg {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Statement kAdd{"test.shared_add", "INSERT INTO counters (name, value) VALUES ($1, $2)",
                         /*read_only=*/false, /*shares=*/true};
constexpr Statement kRaise{"test.shared_raise",
                           "UPDATE counters SET value = value + 1 WHERE name = $1",
                           /*read_only=*/false, /*shares=*/true};
constexpr Statement kRead{"test.shared_read", "SELECT value FROM counters WHERE name = $1",
                          /*read_only=*/true, /*shares=*/true};
constexpr Statement kDivide{"test.shared_divide", "SELECT 1 / $1::bigint", /*read_only=*/true,
                            /*shares=*/true};
constexpr Statement kSlowRead{"test.shared_slow_read",
                              "SELECT pg_sleep($1::bigint / 1000.0)::text, $1", /*read_only=*/true,
                              /*shares=*/true};
constexpr Statement kSlowAdd{"test.shared_slow_add", R"sql(
  WITH slept AS MATERIALIZED (SELECT pg_sleep(0.6)::text AS done)
  INSERT INTO counters (name, value) SELECT $1 || done, 1 FROM slept)sql",
                             /*read_only=*/false, /*shares=*/true};
constexpr Statement kLongRead{"test.long_read", "SELECT pg_sleep(0.6)::text", /*read_only=*/true};
constexpr Statement kLock{"test.shared_lock", R"sql(
  WITH held AS MATERIALIZED (SELECT name FROM counters WHERE name = $1 FOR UPDATE)
  SELECT pg_sleep(2)::text FROM held)sql"};

class SharingTest : public testing::Test {
 protected:
  SharingTest() {
    database.Query("CREATE TABLE counters (name text PRIMARY KEY, value bigint)");
    PoolOptions options;
    options.conninfo = database.conninfo();
    options.connections = 2;  // One that writes and one that reads.
    pool = std::make_unique<Pool>(lane, watcher, helpers, options, observer);
    // So that what follows finds both connected.
    EXPECT_TRUE(All({Bind(kRead, "x"), Bind(kAdd, "warm", int64_t{1})})[0].ok());
  }
  ~SharingTest() override {
    EXPECT_TRUE(async::SyncWait(lane, pool->Close()).ok());
    pool.reset();
    lane.Stop();
  }

  static async::Detached Ask(Pool& on, async::Instant deadline, Bound bound,
                             absl::StatusOr<Rows>* answer, int* answered) {
    *answer = co_await on.Query(deadline, std::move(bound));
    ++*answered;
  }
  static async::Detached AskBatch(Pool& on, Batch batch, int* answered) {
    const auto answer = co_await on.Run(std::move(batch));
    EXPECT_TRUE(answer.ok()) << answer.status();
    ++*answered;
  }
  // Two connections that write and two that read.
  PoolOptions Four() const {
    PoolOptions options;
    options.conninfo = database.conninfo();
    options.connections = 4;
    return options;
  }
  // Asks all of them in one turn.
  std::vector<absl::StatusOr<Rows>> All(std::vector<Bound> bounds) {
    std::vector<absl::StatusOr<Rows>> answers(bounds.size());
    int answered = 0;
    for (size_t i = 0; i < bounds.size(); ++i) {
      Ask(*pool, lane.now() + seconds(10), std::move(bounds[i]), &answers[i], &answered);
    }
    while (std::cmp_less(answered, bounds.size())) lane.RunOnce(lane.now() + milliseconds(100));
    return answers;
  }
  static std::vector<Bound> Adds(int64_t count) {
    std::vector<Bound> adds;
    for (int64_t i = 0; i < count; ++i) adds.push_back(Bind(kAdd, absl::StrCat("n", i), i));
    return adds;
  }
  std::string Transactions() const {
    return database.Value("SELECT count(DISTINCT xmin::text) FROM counters WHERE name LIKE 'n%'");
  }

  usher::test::Database database;
  async::Watcher watcher;
  async::Helpers helpers{2};
  async::Lane lane;
  Observer observer;
  std::unique_ptr<Pool> pool;
};

TEST_F(SharingTest, ChangesThatAreReadyTogetherShareOneCommit) {
  const auto answers = All(Adds(20));

  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Transactions(), "1");
}

TEST_F(SharingTest, NoMoreThanTheWidestShare) {
  const auto answers = All(Adds(100));

  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Transactions(), "4");
}

TEST_F(SharingTest, ReadsAreAnsweredEachByItsOwn) {
  All(Adds(30));
  std::vector<Bound> reads;
  for (int64_t i = 0; i < 30; ++i) reads.push_back(Bind(kRead, absl::StrCat("n", i)));

  const auto answers = All(std::move(reads));

  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_EQ((*answers[i])[0].Get<int64_t>(0), static_cast<int64_t>(i));
  }
}

TEST_F(SharingTest, TheFailureOfOneIsNotAnothers) {
  auto adds = Adds(20);
  adds[7] = Bind(kAdd, "warm", int64_t{1});  // There already.

  const auto answers = All(std::move(adds));

  for (size_t i = 0; i < answers.size(); ++i) {
    if (i == 7) {
      EXPECT_EQ(answers[i].status().code(), absl::StatusCode::kAlreadyExists);
      EXPECT_EQ(ConstraintOf(answers[i].status()), "counters_pkey");
    } else {
      EXPECT_TRUE(answers[i].ok()) << answers[i].status();
    }
  }
  EXPECT_EQ(database.Value("SELECT count(*) FROM counters WHERE name LIKE 'n%'"), "19");
}

TEST_F(SharingTest, AReadThatFailsFailsAlone) {
  const auto answers =
      All({Bind(kDivide, int64_t{1}), Bind(kDivide, int64_t{0}), Bind(kDivide, int64_t{1})});

  EXPECT_TRUE(answers[0].ok());
  EXPECT_EQ(SqlStateOf(answers[1].status()), "22012");
  EXPECT_TRUE(answers[2].ok());
}

TEST_F(SharingTest, WhoDidNotFailSharesAgain) {
  auto adds = Adds(20);
  adds[7] = Bind(kAdd, "warm", int64_t{1});  // There already.

  All(std::move(adds));

  EXPECT_EQ(Transactions(), "1");
}

TEST_F(SharingTest, ABatchMayStayAlone) {
  int answered = 0;

  for (int64_t i = 0; i < 4; ++i) {
    Batch batch(lane.now() + seconds(10), Bind(kAdd, absl::StrCat("n", i), i));
    batch.StayAlone();
    AskBatch(*pool, std::move(batch), &answered);
  }
  while (answered < 4) lane.RunOnce(lane.now() + milliseconds(100));

  EXPECT_EQ(Transactions(), "4");
}

TEST_F(SharingTest, ASlowChangeIsNotItsNeighbors) {
  std::vector<absl::StatusOr<Rows>> answers(10);
  absl::StatusOr<Rows> slow = absl::UnknownError("not answered");
  int answered = 0;
  int slept = 0;
  Pool many(lane, watcher, helpers, Four(), observer);

  Ask(many, lane.now() + seconds(10), Bind(kSlowAdd, "slow"), &slow, &slept);
  for (size_t i = 0; i < answers.size(); ++i) {
    Ask(many, lane.now() + seconds(10), Bind(kAdd, absl::StrCat("n", i), int64_t{1}), &answers[i],
        &answered);
  }
  while (answered < 10) lane.RunOnce(lane.now() + milliseconds(100));

  EXPECT_EQ(slept, 0);
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  while (slept < 1) lane.RunOnce(lane.now() + milliseconds(100));
  EXPECT_TRUE(slow.ok()) << slow.status();
  EXPECT_TRUE(async::SyncWait(lane, many.Close()).ok());
}

TEST_F(SharingTest, ASlowReadIsNotItsNeighbors) {
  Pool many(lane, watcher, helpers, Four(), observer);
  std::vector<absl::StatusOr<Rows>> answers(10);
  absl::StatusOr<Rows> slow = absl::UnknownError("not answered");
  int answered = 0;
  int slept = 0;

  Ask(many, lane.now() + seconds(10), Bind(kSlowRead, int64_t{700}), &slow, &slept);
  for (auto& answer : answers) {
    Ask(many, lane.now() + seconds(10), Bind(kRead, "warm"), &answer, &answered);
  }
  while (answered < 10) lane.RunOnce(lane.now() + milliseconds(100));

  EXPECT_EQ(slept, 0);
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  while (slept < 1) lane.RunOnce(lane.now() + milliseconds(100));
  ASSERT_TRUE(slow.ok()) << slow.status();
  EXPECT_EQ((*slow)[0].Get<int64_t>(1), 700);
  EXPECT_TRUE(async::SyncWait(lane, many.Close()).ok());
}

TEST_F(SharingTest, NobodyIsSentBehindTheSlowOne) {
  Pool many(lane, watcher, helpers, Four(), observer);
  absl::StatusOr<Rows> slow = absl::UnknownError("not answered");
  int slept = 0;
  Ask(many, lane.now() + seconds(10), Bind(kSlowRead, int64_t{1500}), &slow, &slept);
  const auto start = lane.now();

  // Far more turns than connections: each would meet the slow one if anybody did.
  while (slept == 0 && lane.now() - start < milliseconds(1200)) {
    absl::StatusOr<Rows> answer = absl::UnknownError("not answered");
    int answered = 0;
    const auto asked = lane.now();
    Ask(many, asked + seconds(10), Bind(kRead, "warm"), &answer, &answered);
    while (answered == 0) lane.RunOnce(lane.now() + milliseconds(100));
    EXPECT_LT(lane.now() - asked, milliseconds(600));
    EXPECT_TRUE(answer.ok()) << answer.status();
  }

  while (slept < 1) lane.RunOnce(lane.now() + milliseconds(100));
  EXPECT_TRUE(slow.ok()) << slow.status();
  EXPECT_TRUE(async::SyncWait(lane, many.Close()).ok());
}

TEST_F(SharingTest, WhatDoesNotShareHasItsOwnTime) {
  const auto answers = All({Bind(kLongRead), Bind(kRead, "warm")});

  EXPECT_TRUE(answers[0].ok()) << answers[0].status();
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
}

TEST_F(SharingTest, TheDeadlineOfOneIsNotAnothers) {
  std::vector<absl::StatusOr<Rows>> answers(5);
  absl::StatusOr<Rows> hurried = absl::UnknownError("not answered");
  int answered = 0;
  int late = 0;

  Ask(*pool, lane.now() + milliseconds(150), Bind(kSlowRead, int64_t{2000}), &hurried, &late);
  for (auto& answer : answers) {
    Ask(*pool, lane.now() + seconds(10), Bind(kRead, "warm"), &answer, &answered);
  }
  while (answered + late < 6) lane.RunOnce(lane.now() + milliseconds(100));

  EXPECT_EQ(hurried.status().code(), absl::StatusCode::kDeadlineExceeded);
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST_F(SharingTest, TheWaitOfOneForALockIsNotAnothers) {
  absl::StatusOr<Rows> held = absl::UnknownError("not answered");
  int holding = 0;
  Ask(*pool, lane.now() + seconds(10), Bind(kLock, "warm"), &held, &holding);
  while (pool->load().in_flight == 0) lane.RunOnce(lane.now() + milliseconds(10));
  PoolOptions options;
  options.conninfo = database.conninfo();
  Pool second(lane, watcher, helpers, options, observer);
  std::vector<absl::StatusOr<Rows>> answers(10);
  int answered = 0;
  int waited = 0;
  absl::StatusOr<Rows> raised = absl::UnknownError("not answered");
  const auto start = lane.now();

  Ask(second, lane.now() + seconds(10), Bind(kRaise, "warm"), &raised, &waited);
  for (size_t i = 0; i < answers.size(); ++i) {
    Ask(second, lane.now() + seconds(10), Bind(kAdd, absl::StrCat("n", i), int64_t{1}), &answers[i],
        &answered);
  }
  while (answered < 10) lane.RunOnce(lane.now() + milliseconds(100));

  EXPECT_LT(lane.now() - start, milliseconds(1500));
  EXPECT_EQ(waited, 0);
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  while (waited + holding < 2) lane.RunOnce(lane.now() + milliseconds(100));
  EXPECT_TRUE(raised.ok()) << raised.status();
  EXPECT_TRUE(async::SyncWait(lane, second.Close()).ok());
}

}  // namespace
}  // namespace usher::pg
