#include "auth/token_cache.h"

#include <gtest/gtest.h>

#include "auth/key_source.h"
#include "model/digest.h"

namespace usher::auth {
namespace {

class TokenCacheTest : public testing::Test {
 protected:
  ~TokenCacheTest() override { source_.Stop(); }

  TokenCache::Entry AnEntry() {
    auto subject = std::make_shared<Subject>();
    subject->expire_time = now_ + absl::Minutes(5);
    return {subject, &source_, source_.keys()};
  }

  void AddMany(TokenCache& cache, int first, int count) {
    for (int i = first; i < first + count; ++i) {
      cache.Add(model::Digest(std::to_string(i)), AnEntry());
    }
  }

  absl::Time now_ = absl::UnixEpoch();
  // Without any keys: what matters is that they are the same.
  KeySource source_{[](const auto&) { return absl::UnavailableError("none"); }, KeySourceOptions(),
                    [](auto&&...) {}};
};

TEST_F(TokenCacheTest, IsBounded) {
  TokenCache cache(100);

  AddMany(cache, 0, 10'000);

  EXPECT_LE(cache.size(), 100u);
  EXPECT_NE(cache.Find(model::Digest("9999"), now_), nullptr);
  EXPECT_EQ(cache.Find(model::Digest("0"), now_), nullptr);
}

TEST_F(TokenCacheTest, KeepsWhatIsAskedFor) {
  TokenCache cache(100);
  cache.Add(model::Digest("kept"), AnEntry());

  for (int i = 0; i < 100; ++i) {
    AddMany(cache, i * 40, 40);
    ASSERT_NE(cache.Find(model::Digest("kept"), now_), nullptr) << i;
  }
}

}  // namespace
}  // namespace usher::auth
