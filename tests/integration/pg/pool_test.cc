#include "pg/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "async/sync_wait.h"
#include "async/try.h"
#include "tests/support/database.h"

namespace usher::pg {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Statement kEcho{"test.echo", "SELECT $1::text", true};
constexpr Statement kAdd{"test.add", "INSERT INTO counters (name, value) VALUES ($1, $2)"};
constexpr Statement kCount{"test.count", "SELECT count(*) FROM counters", true};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1::bigint / 1000.0)::text", true};
constexpr Statement kBroken{"test.broken", "SELECT 1 / ($1::bigint - $1)"};
constexpr Statement kKillMe{"test.kill_me", "SELECT pg_terminate_backend(pg_backend_pid())"};
constexpr Statement kTypes{"test.types",
                           "SELECT $1::bool, $2::smallint, $3::int, $4::bigint, $5::text, $6::uuid,"
                           " $7::timestamptz, $8::interval, $9::bytea, $10::bigint[], $11::text[],"
                           " $12::text"};

class CountingObserver : public Observer {
 public:
  void Retried(std::string_view sqlstate) override { retried.emplace_back(sqlstate); }
  void Connected() override { ++connected; }
  std::vector<std::string> retried;
  int connected = 0;
};

class PoolTest : public testing::Test {
 protected:
  PoolTest() { MakePool({}); }
  ~PoolTest() override {
    EXPECT_TRUE(async::SyncWait(lane, pool->Close()).ok());
    pool.reset();
    lane.Stop();
    EXPECT_EQ(async::LiveFrames(), 0);
  }

  static async::Task<absl::StatusOr<Rows>> Ask(Pool& on, async::Instant deadline, Bound bound) {
    CO_TRY(Rows rows, co_await on.Query(deadline, std::move(bound)));
    co_return rows;
  }
  static async::Task<absl::StatusOr<std::vector<Rows>>> Ask(Pool& on, Batch batch) {
    CO_TRY(std::vector<Rows> rows, co_await on.Run(std::move(batch)));
    co_return rows;
  }
  absl::StatusOr<Rows> Query(Bound bound, milliseconds within = seconds(10)) {
    return async::SyncWait(lane, Ask(*pool, lane.now() + within, std::move(bound)));
  }
  absl::StatusOr<std::vector<Rows>> Run(std::vector<Bound> items) {
    Batch batch(lane.now() + seconds(10));
    for (Bound& item : items) batch.Add(std::move(item));
    return async::SyncWait(lane, Ask(*pool, std::move(batch)));
  }
  void MakePool(PoolOptions options, const std::string& more_conninfo = "") {
    options.conninfo = database.conninfo() + more_conninfo;
    pool = std::make_unique<Pool>(lane, watcher, helpers, options, observer);
  }

  usher::test::Database database;
  async::Watcher watcher;
  async::Helpers helpers{2};
  async::Lane lane;
  CountingObserver observer;
  std::unique_ptr<Pool> pool;
};

TEST_F(PoolTest, EveryTypeSurvivesTheRoundTrip) {
  const Uuid uuid{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const absl::Time time = absl::FromUnixMicros(1'741'650'600'123'456);
  const auto rows =
      Query(Bind(kTypes, true, int16_t{-2}, int32_t{-70'000}, int64_t{1} << 40, "é\n", uuid, time,
                 absl::Hours(168), Bytes{std::string("\0\xff", 2)}, std::vector<int64_t>{1, -2, 3},
                 std::vector<std::string>{"", "b"}, std::optional<std::string>()));

  ASSERT_TRUE(rows.ok()) << rows.status();
  const Row row = (*rows)[0];
  EXPECT_TRUE(row.Get<bool>(0));
  EXPECT_EQ(row.Get<int16_t>(1), -2);
  EXPECT_EQ(row.Get<int32_t>(2), -70'000);
  EXPECT_EQ(row.Get<int64_t>(3), int64_t{1} << 40);
  EXPECT_EQ(row.Get<std::string>(4), "é\n");
  EXPECT_EQ(row.Get<Uuid>(5), uuid);
  EXPECT_EQ(row.Get<absl::Time>(6), time);
  EXPECT_EQ(row.Get<absl::Duration>(7), absl::Hours(168));
  EXPECT_EQ(row.Get<Bytes>(8).value, std::string("\0\xff", 2));
  EXPECT_THAT(row.Get<std::vector<int64_t>>(9), testing::ElementsAre(1, -2, 3));
  EXPECT_THAT(row.Get<std::vector<std::string>>(10), testing::ElementsAre("", "b"));
  EXPECT_EQ(row.Get<std::optional<std::string>>(11), std::nullopt);
}

TEST_F(PoolTest, BatchIsAllOrNothing) {
  database.Query("CREATE TABLE counters (name text, value bigint)");

  const auto failed = Run({Bind(kAdd, "a", int64_t{1}), Bind(kBroken, int64_t{1})});
  EXPECT_EQ(failed.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(SqlStateOf(failed.status()), "22012");

  const auto counted = Query(Bind(kCount));
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ((*counted)[0].Get<int64_t>(0), 0);
}

TEST_F(PoolTest, ABatchThatIsRolledBackAnswersAndLeavesNothing) {
  database.Query("CREATE TABLE counters (name text, value bigint)");
  Batch batch(lane.now() + seconds(10), Bind(kAdd, "a", int64_t{1}));
  batch.Add(Bind(kCount));
  batch.RollBack();

  const auto rows = async::SyncWait(lane, Ask(*pool, std::move(batch)));

  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)[1][0].Get<int64_t>(0), 1);
  EXPECT_EQ(database.Value("SELECT count(*) FROM counters"), "0");
}

TEST_F(PoolTest, AFailedBatchThatIsRolledBackLeavesItsConnectionUsable) {
  database.Query("CREATE TABLE counters (name text, value bigint)");
  for (int i = 0; i < 10; ++i) {
    Batch batch(lane.now() + seconds(10), Bind(kAdd, "a", int64_t{1}));
    batch.Add(Bind(kBroken, int64_t{1}));
    batch.RollBack();
    EXPECT_FALSE(async::SyncWait(lane, Ask(*pool, std::move(batch))).ok());
  }

  EXPECT_TRUE(Query(Bind(kAdd, "b", int64_t{1})).ok());
  EXPECT_EQ(database.Value("SELECT count(*) FROM counters"), "1");
}

TEST_F(PoolTest, NamesTheConstraintThatRefused) {
  database.Query(
      "CREATE TABLE counters (name text CONSTRAINT counters_name_key UNIQUE, value bigint)");
  ASSERT_TRUE(Query(Bind(kAdd, "a", int64_t{1})).ok());

  const auto again = Query(Bind(kAdd, "a", int64_t{2}));

  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ConstraintOf(again.status()), "counters_name_key");
}

TEST_F(PoolTest, DeadlineEndsAStatementThatRuns) {
  const auto start = lane.now();
  const auto late = Query(Bind(kSleep, int64_t{20'000}), milliseconds(200));

  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(lane.now() - start, seconds(2));
  // The server was told to stop as well; what comes next does not wait for it.
  EXPECT_TRUE(Query(Bind(kEcho, "x"), seconds(2)).ok());
}

TEST_F(PoolTest, LostConnectionIsUnavailableForAWriteAndIsReplaced) {
  ASSERT_TRUE(Query(Bind(kEcho, "x")).ok());
  const auto killed = Query(Bind(kKillMe));

  EXPECT_EQ(killed.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Query(Bind(kEcho, "x")).ok());
}

TEST_F(PoolTest, ManyAtOnceAreAnsweredEachByItsOwn) {
  std::vector<absl::StatusOr<std::string>> answers(500, absl::UnknownError(""));
  auto ask = [](Pool& on, async::Instant deadline, int number,
                absl::StatusOr<std::string>* answer) -> async::Task<absl::Status> {
    auto bound = Bind(kEcho, absl::StrCat(number));
    CO_TRY(const Rows rows, co_await on.Query(deadline, std::move(bound)));
    *answer = rows[0].Get<std::string>(0);
    co_return absl::OkStatus();
  };
  int done = 0;
  auto drive = [](async::Task<absl::Status> task, int* finished) -> async::Detached {
    (void)co_await task;
    ++*finished;
  };
  for (int i = 0; i < 500; ++i) {
    drive(ask(*pool, lane.now() + seconds(20), i, &answers[static_cast<size_t>(i)]), &done);
  }
  while (done < 500) lane.RunOnce(lane.now() + seconds(1));

  for (int i = 0; i < 500; ++i) {
    const auto& answer = answers[static_cast<size_t>(i)];
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(*answer, absl::StrCat(i));
  }
  EXPECT_EQ(pool->load().in_flight, 0U);
  EXPECT_LE(pool->load().connections, 4U);
}

TEST_F(PoolTest, AltersOfATableDoNotShowThroughCachedPlans) {
  database.Query("CREATE TABLE counters (name text, value bigint)");
  constexpr Statement kRead{"test.read", "SELECT * FROM counters", true};
  ASSERT_TRUE(Query(Bind(kRead)).ok());

  database.Query("ALTER TABLE counters ADD COLUMN more text");

  EXPECT_TRUE(Query(Bind(kRead)).ok());
  EXPECT_THAT(observer.retried, testing::Each("0A000"));
}

TEST_F(PoolTest, UnpreparedStatementsLeaveNothingInTheSession) {
  EXPECT_TRUE(async::SyncWait(lane, pool->Close()).ok());
  PoolOptions options;
  options.connections = 1;
  options.connection.prepare = false;
  MakePool(options);
  constexpr Statement kPrepared{"test.prepared", "SELECT count(*) FROM pg_prepared_statements",
                                true};

  ASSERT_TRUE(Query(Bind(kEcho, "x")).ok());
  const auto prepared = Query(Bind(kPrepared));

  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ((*prepared)[0].Get<int64_t>(0), 0);
}

// Fails with this SQLSTATE as often as asked, counting in a sequence, which no rollback undoes.
constexpr const char* kFailing = R"sql(
  CREATE SEQUENCE failures;
  CREATE FUNCTION fail_at_first(times bigint, state text) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE number bigint := nextval('failures');
    BEGIN
      IF number <= times THEN RAISE EXCEPTION 'again' USING ERRCODE = state; END IF;
      RETURN number;
    END $$)sql";
constexpr Statement kFailAtFirst{"test.fail_at_first", "SELECT fail_at_first($1, $2)"};

TEST_F(PoolTest, R40SerializationTroubleIsRetriedWithTheWholeBatch) {
  database.Query(kFailing);
  database.Query("CREATE TABLE counters (name text, value bigint)");
  for (const char* sqlstate : {"40001", "40P01"}) {
    database.Query("ALTER SEQUENCE failures RESTART");
    database.Query("TRUNCATE counters");
    observer.retried.clear();

    const auto answers =
        Run({Bind(kAdd, "a", int64_t{1}), Bind(kFailAtFirst, int64_t{2}, sqlstate)});

    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_THAT(observer.retried, testing::ElementsAre(sqlstate, sqlstate));
    EXPECT_EQ(database.Value("SELECT count(*) FROM counters"), "1");
  }
}

TEST_F(PoolTest, R40TroubleThatGoesOnEndsAborted) {
  database.Query(kFailing);

  const auto answer = Query(Bind(kFailAtFirst, int64_t{1000}, "40001"));

  EXPECT_EQ(answer.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(observer.retried.size(), 5U);
}

// Fails at the commit, as often as asked.
void FailCommits(const usher::test::Database& database, int times, const char* sqlstate) {
  database.Query(kFailing);
  database.Query("CREATE TABLE counters (name text, value bigint)");
  database.Query(
      absl::StrCat("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$BEGIN PERFORM fail_at_first(",
                   times, ", '", sqlstate, "'); RETURN NULL; END$$"));
  database.Query(
      "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON counters "
      "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()");
}

TEST_F(PoolTest, R40TroubleAtTheCommitIsRetriedAndNobodyElsesAnswerIsTakenForIt) {
  FailCommits(database, 1, "40001");
  std::vector<absl::StatusOr<Rows>> answers(20);
  int answered = 0;
  auto drive = [](Pool& on, async::Instant deadline, Bound bound, absl::StatusOr<Rows>* answer,
                  int* done) -> async::Detached {
    *answer = co_await on.Query(deadline, std::move(bound));
    ++*done;
  };
  for (int64_t i = 0; i < 20; ++i) {
    auto bound = i % 2 == 0 ? Bind(kAdd, "a", i) : Bind(kFailAtFirst, int64_t{0}, "40001");
    drive(*pool, lane.now() + seconds(10), std::move(bound), &answers[static_cast<size_t>(i)],
          &answered);
  }
  while (answered < 20) lane.RunOnce(lane.now() + milliseconds(100));

  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(observer.retried, testing::ElementsAre("40001"));
  EXPECT_EQ(database.Value("SELECT count(*) FROM counters"), "10");
}

TEST_F(PoolTest, AConstraintThatRefusesTheCommitIsNoLostConnection) {
  FailCommits(database, 100, "23514");

  const auto answer = Query(Bind(kAdd, "a", int64_t{1}));

  EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(PoolTest, R36ReadOnlyServerIsLeftAndTheBatchRunsAgain) {
  database.Query(kFailing);

  const auto answer = Query(Bind(kFailAtFirst, int64_t{1}, "25006"));

  EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(observer.retried, testing::ElementsAre("25006"));
  EXPECT_GT(observer.connected, 1);
}

TEST_F(PoolTest, TriesTheHostsOfTheConninfoInTurn) {
  EXPECT_TRUE(async::SyncWait(lane, pool->Close()).ok());
  const std::string host = database.Value("SHOW unix_socket_directories");
  const std::string port = database.Value("SHOW port");
  MakePool({}, absl::StrCat(" host=/nowhere,", host, " port=", port, ",", port,
                            " target_session_attrs=read-write"));

  EXPECT_TRUE(Query(Bind(kEcho, "x")).ok());
}

TEST_F(PoolTest, ReadsDoNotWaitBehindALock) {
  database.Query("CREATE TABLE counters (name text PRIMARY KEY, value bigint)");
  database.Query("INSERT INTO counters VALUES ('a', 1)");
  constexpr Statement kHold{"test.hold",
                            "SELECT pg_sleep(1)::text FROM counters WHERE name = 'a' FOR UPDATE"};
  constexpr Statement kLock{"test.lock", "SELECT 1 FROM counters WHERE name = 'a' FOR UPDATE"};
  int answered = 0;
  auto drive = [](Pool& on, async::Instant deadline, Bound bound, int* done) -> async::Detached {
    (void)co_await on.Query(deadline, std::move(bound));
    ++*done;
  };
  drive(*pool, lane.now() + seconds(20), Bind(kHold), &answered);
  for (int i = 0; i < 40; ++i) drive(*pool, lane.now() + seconds(20), Bind(kLock), &answered);
  while (pool->load().in_flight < 9) lane.RunOnce(lane.now() + milliseconds(10));
  const auto start = lane.now();

  EXPECT_TRUE(Query(Bind(kEcho, "x")).ok());

  EXPECT_LT(lane.now() - start, milliseconds(500));
  while (answered < 41) lane.RunOnce(lane.now() + seconds(1));
}

TEST_F(PoolTest, FullBacklogIsRefusedAtOnce) {
  EXPECT_TRUE(async::SyncWait(lane, pool->Close()).ok());
  PoolOptions options;
  options.connections = 1;
  options.depth = 1;
  options.most_waiting = 2;
  MakePool(options);
  ASSERT_TRUE(Query(Bind(kEcho, "x")).ok());
  std::vector<absl::StatusCode> codes;
  auto drive = [](Pool& on, async::Instant deadline, Bound bound,
                  std::vector<absl::StatusCode>* ended) -> async::Detached {
    const auto answer = co_await on.Query(deadline, std::move(bound));
    ended->push_back(answer.status().code());
  };
  for (int i = 0; i < 5; ++i) {
    drive(*pool, lane.now() + seconds(20), Bind(kSleep, int64_t{100}), &codes);
  }
  while (codes.size() < 5) lane.RunOnce(lane.now() + seconds(1));

  EXPECT_EQ(std::count(codes.begin(), codes.end(), absl::StatusCode::kResourceExhausted), 3);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), absl::StatusCode::kOk), 2);
}

TEST_F(PoolTest, WithoutAServerCallsFailAtOnceAndRecoverByThemselves) {
  EXPECT_TRUE(async::SyncWait(lane, pool->Close()).ok());
  MakePool({}, " port=1");

  const auto refused = Query(Bind(kEcho, "x"), seconds(5));

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(pool->available());
}

}  // namespace
}  // namespace usher::pg
