#include "events/feed.h"

#include <gtest/gtest.h>

#include "async/lane.h"

namespace usher::events {
namespace {

std::shared_ptr<const Slice> Between(uint64_t after, uint64_t upto, int events = 1) {
  Slice slice;
  slice.after = {after, Position::kEnd};
  slice.upto = {upto, Position::kEnd};
  slice.events.resize(static_cast<size_t>(events));
  return std::make_shared<const Slice>(std::move(slice));
}

class FeedTest : public testing::Test {
 protected:
  async::Lane lane;
  async::Wakeup wakeup{lane};
  Feed feed{size_t{1} << 20};
  std::optional<Feed::Subscription> stream{std::in_place, feed, wakeup};
};

TEST_F(FeedTest, GivesTheSliceThatContinuesAPosition) {
  feed.Add(Between(10, 20));
  feed.Add(Between(20, 30));

  EXPECT_EQ(feed.begin()->xact, 10U);
  EXPECT_EQ(feed.After({10, Position::kEnd})->upto.xact, 20U);
  EXPECT_EQ(feed.After({15, 3})->upto.xact, 20U);
  EXPECT_EQ(feed.After({20, Position::kEnd})->upto.xact, 30U);
  EXPECT_EQ(feed.After({30, Position::kEnd}), nullptr);
}

TEST_F(FeedTest, ForgetsTheOldestWhenItIsFull) {
  for (uint64_t i = 0; i < 10'000; ++i) feed.Add(Between(i, i + 1));

  EXPECT_LE(feed.bytes(), size_t{1} << 20);
  EXPECT_GT(feed.begin()->xact, 5'000U);
  EXPECT_EQ(feed.After({9'999, Position::kEnd})->upto.xact, 10'000U);
}

TEST_F(FeedTest, SilenceTakesNoRoom) {
  feed.Add(Between(1, 2));
  for (uint64_t i = 2; i < 100; ++i) feed.Add(Between(i, i + 1, 0));
  const size_t bytes = feed.bytes();
  for (uint64_t i = 100; i < 1'000; ++i) feed.Add(Between(i, i + 1, 0));

  EXPECT_EQ(feed.bytes(), bytes);
  EXPECT_EQ(feed.After({2, Position::kEnd})->upto.xact, 1'000U);
}

TEST_F(FeedTest, BeginsAnewAfterAGap) {
  feed.Add(Between(1, 2));
  const int beginnings = feed.beginnings();

  feed.Add(Between(7, 8));

  EXPECT_EQ(feed.begin()->xact, 7U);
  EXPECT_EQ(feed.beginnings(), beginnings + 1);
}

TEST_F(FeedTest, HoldsNothingWithoutAStream) {
  feed.Add(Between(1, 2));

  stream.reset();
  EXPECT_EQ(feed.begin(), std::nullopt);
  feed.Add(Between(2, 3));

  EXPECT_EQ(feed.begin(), std::nullopt);
  EXPECT_EQ(feed.bytes(), 0U);
}

}  // namespace
}  // namespace usher::events
