#include "async/lane.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/helpers.h"
#include "async/sync_wait.h"
#include "async/task.h"
#include "async/wakeup.h"
#include "async/watcher.h"

namespace usher::async {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Time that moves only when a test says so.
Instant manual_now{hours(1)};
Instant ManualClock() { return manual_now; }

class LaneTest : public testing::Test {
 protected:
  void TearDown() override {
    lane.Stop();
    EXPECT_EQ(LiveFrames(), 0);
  }

  Lane lane{std::make_unique<grpc::CompletionQueue>(), &ManualClock};
};

Task<int> Add(int a, int b) { co_return a + b; }

Task<int> Throw() {
  throw std::runtime_error("boom");
  co_return 0;
}

Task<int> SleepThenAdd(Lane& lane, int a, int b) {
  co_await lane.SleepFor(seconds(5));
  const int sum = co_await Add(a, b);
  co_return sum;
}

Detached Store(Task<int> task, int* result) { *result = co_await task; }

TEST_F(LaneTest, TaskAnswersItsAwaiter) { EXPECT_EQ(SyncWait(lane, Add(2, 3)), 5); }

TEST_F(LaneTest, ExceptionReachesTheAwaiter) {
  EXPECT_THROW(SyncWait(lane, Throw()), std::runtime_error);
}

TEST_F(LaneTest, SleepEndsWhenTheClockHasPassedIt) {
  int sum = 0;
  Store(SleepThenAdd(lane, 1, 2), &sum);

  lane.RunOnce(Instant::min());
  EXPECT_EQ(sum, 0);

  manual_now += seconds(5);
  lane.RunOnce(Instant::min());
  EXPECT_EQ(sum, 3);
}

TEST_F(LaneTest, TimersRunInTheOrderTheyAreDue) {
  std::vector<int> order;
  Timer late(lane.timers());
  Timer early(lane.timers());
  Timer canceled(lane.timers());
  late.Arm(manual_now + seconds(2), [&] { order.push_back(2); });
  early.Arm(manual_now + seconds(1), [&] { order.push_back(1); });
  canceled.Arm(manual_now + seconds(1), [&] { order.push_back(0); });

  canceled.Cancel();
  manual_now += seconds(3);
  lane.RunOnce(Instant::min());

  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(LaneTest, WakeupKeepsANotificationForTheNextWait) {
  Wakeup wakeup(lane);
  wakeup.Notify();
  std::vector<bool> notified;

  auto wait_twice = [](Lane& on, Wakeup& what, std::vector<bool>& results) -> Task<int> {
    results.push_back(co_await what.Until(kNever));
    results.push_back(co_await what.Until(on.now()));
    co_return 0;
  };
  SyncWait(lane, wait_twice(lane, wakeup, notified));

  EXPECT_EQ(notified, (std::vector{true, false}));
}

TEST(RunningLaneTest, RunsWhatOtherThreadsPost) {
  Lane lane;
  lane.Start();
  std::atomic<int> on_lane = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) lane.Post([&] { on_lane += lane.OnLane() ? 1 : 0; });
    });
  }
  for (auto& thread : threads) thread.join();

  // Posted last, so it runs last.
  EXPECT_EQ(SyncWait(lane, Add(0, 0)), 0);
  EXPECT_EQ(on_lane, 4000);
  lane.Stop();
}

TEST(RunningLaneTest, HelperRunsBlockingWorkAndTheLaneGoesOn) {
  Lane lane;
  Helpers helpers(1);
  lane.Start();

  auto on_helper = [](Lane& on, Helpers& workers) -> Task<bool> {
    auto is_elsewhere = [&on] { return !on.OnLane(); };
    const bool elsewhere = co_await workers.Run(on, is_elsewhere);
    co_return elsewhere&& on.OnLane();
  };
  EXPECT_TRUE(SyncWait(lane, on_helper(lane, helpers)));
  lane.Stop();
}

TEST(RunningLaneTest, WatchReportsAReadableSocketOncePerArm) {
  Lane lane;
  Watcher watcher;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  int reported = 0;
  {
    Watch watch(lane, watcher, pipe_ends[0], [&] { ++reported; });
    ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
    watch.Arm(/*write=*/false);
    while (reported == 0) lane.RunOnce(lane.now() + seconds(1));

    watch.Arm(/*write=*/false);
    while (reported == 1) lane.RunOnce(lane.now() + seconds(1));
  }

  EXPECT_EQ(reported, 2);
  lane.Stop();
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace usher::async
