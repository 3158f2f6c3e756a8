#include "auth/key_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "async/sync_wait.h"
#include "tests/unit/auth/vectors.h"

namespace usher::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// An issuer that answers when it is let.
class FakeIssuer {
 public:
  KeySource::Fetch Fetch() {
    return [this](const std::atomic<bool>& stopping) -> absl::StatusOr<std::string> {
      ++fetches;
      std::unique_lock lock(mutex_);
      while (held_ && !stopping) changed_.wait_for(lock, milliseconds(5));
      if (down_) return absl::UnavailableError("down");
      return text_;
    };
  }

  void Serve(std::string text) {
    Set([&] { text_ = std::move(text); });
  }
  void SetDown(bool down) {
    Set([&] { down_ = down; });
  }
  void Hold(bool held) {
    Set([&] { held_ = held; });
  }

  std::atomic<int> fetches = 0;

 private:
  void Set(const std::function<void()>& change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_ = Vectors()["jwks"].dump();
  bool down_ = false;
  bool held_ = false;
};

class KeySourceTest : public testing::Test {
 protected:
  static KeySourceOptions Patient() {
    return {.lifetime = hours(1), .retry_after = hours(1), .refresh_interval = hours(1)};
  }

  std::unique_ptr<KeySource> Source(KeySourceOptions options = Patient()) {
    return std::make_unique<KeySource>(issuer_.Fetch(), options, [this](auto&& status, bool) {
      ++told_;
      if (!status.ok()) ++failures_;
    });
  }

  async::Task<bool> Refreshed(KeySource& source, milliseconds patience = seconds(10)) {
    co_return co_await source.Refreshed(lane_, lane_.now() + patience);
  }

  async::Detached Count(KeySource& source, int& refreshed, int& ended) {
    const bool fetched = co_await source.Refreshed(lane_, lane_.now() + seconds(10));
    refreshed += fetched ? 1 : 0;
    ++ended;
  }

  void RunUntil(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      lane_.RunOnce(lane_.now() + milliseconds(5));
    }
  }

  async::Lane lane_;
  FakeIssuer issuer_;
  std::atomic<int> told_ = 0;
  std::atomic<int> failures_ = 0;
};

TEST_F(KeySourceTest, FetchesAtOnceAndLetsOthersWait) {
  issuer_.Hold(true);
  const auto source = Source();
  EXPECT_EQ(source->keys(), nullptr);
  int refreshed = 0, ended = 0;
  for (int i = 0; i < 50; ++i) Count(*source, refreshed, ended);

  issuer_.Hold(false);
  RunUntil([&] { return ended == 50; });

  EXPECT_EQ(refreshed, 50);
  EXPECT_EQ(issuer_.fetches, 1);
  EXPECT_NE(source->keys(), nullptr);
}

TEST_F(KeySourceTest, R47AFloodOfUnknownKeysFetchesOnceInAnInterval) {
  const auto source = Source();
  RunUntil([&] { return source->keys() != nullptr; });

  issuer_.Hold(true);
  int refreshed = 0, ended = 0;
  for (int i = 0; i < 1000; ++i) Count(*source, refreshed, ended);
  issuer_.Hold(false);
  RunUntil([&] { return ended == 1000; });
  for (int i = 0; i < 1000; ++i) Count(*source, refreshed, ended);

  EXPECT_EQ(issuer_.fetches, 2);
  EXPECT_EQ(refreshed, 1000);
  EXPECT_EQ(ended, 2000);
}

TEST_F(KeySourceTest, R47KeepsTheLastGoodKeysWhileTheIssuerIsDown) {
  KeySourceOptions options = Patient();
  options.lifetime = options.retry_after = milliseconds(1);
  const auto source = Source(options);
  RunUntil([&] { return source->keys() != nullptr; });
  const auto keys = source->keys();

  issuer_.SetDown(true);
  RunUntil([&] { return failures_ > 3; });
  EXPECT_EQ(source->keys(), keys);
  issuer_.SetDown(false);
  issuer_.Serve("no keys");
  RunUntil([&, before = failures_.load()] { return failures_ > before + 3; });
  EXPECT_EQ(source->keys(), keys);
  issuer_.Serve(nlohmann::json{{"keys", {Vectors()["jwks"]["keys"][3]}}}.dump());
  RunUntil([&] { return source->keys() != keys; });

  EXPECT_EQ(source->keys()->keys().size(), 1u);
}

TEST_F(KeySourceTest, SameKeysAreTheSameObject) {
  KeySourceOptions options = Patient();
  options.lifetime = milliseconds(1);
  const auto source = Source(options);
  RunUntil([&] { return source->keys() != nullptr; });
  const auto keys = source->keys();

  RunUntil([&] { return issuer_.fetches > 5; });

  EXPECT_EQ(source->keys(), keys);
}

TEST_F(KeySourceTest, WaitsNoLongerThanTheDeadline) {
  issuer_.Hold(true);
  const auto source = Source();

  EXPECT_FALSE(async::SyncWait(lane_, Refreshed(*source, milliseconds(20))));

  EXPECT_EQ(source->keys(), nullptr);
}

TEST_F(KeySourceTest, StopResumesAllWhoWait) {
  issuer_.Hold(true);
  const auto source = Source();
  int refreshed = 0, ended = 0;
  for (int i = 0; i < 10; ++i) Count(*source, refreshed, ended);

  source->Stop();
  RunUntil([&] { return ended == 10; });

  EXPECT_EQ(told_, 0);
  EXPECT_FALSE(async::SyncWait(lane_, Refreshed(*source)));
}

}  // namespace
}  // namespace usher::auth
