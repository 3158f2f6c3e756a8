#include <set>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "model/ids.h"

namespace usher::model {
namespace {

absl::Time clock_now;

absl::Time FakeClock() { return clock_now; }

uint64_t MillisecondsOf(const Uuid& uuid) {
  uint64_t ms = 0;
  for (size_t i = 0; i < 6; ++i) ms = ms << 8 | uuid[i];
  return ms;
}

class UuidV7Test : public testing::Test {
 protected:
  void SetUp() override { clock_now = absl::FromUnixMillis(1'645'557'742'000); }

  UuidV7Source source{&FakeClock};
};

TEST_F(UuidV7Test, BeginsWithTheMillisecondOfItsTime) {
  const Uuid uuid = source.Next();

  // The example of RFC 9562, appendix A.6.
  EXPECT_EQ(MillisecondsOf(uuid), 0x017F22E279B0U);
}

TEST_F(UuidV7Test, HasItsVersionAndVariant) {
  for (int i = 0; i < 1000; ++i) {
    if (i % 10 == 0) clock_now += absl::Milliseconds(1);
    const Uuid uuid = source.Next();

    EXPECT_EQ(uuid[6] >> 4, 7);
    EXPECT_EQ(uuid[8] >> 6, 2);
  }
}

TEST_F(UuidV7Test, GoesUpWithinAMillisecond) {
  Uuid last = source.Next();
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = source.Next();
    ASSERT_LT(last, next);
    last = next;
  }
  EXPECT_EQ(MillisecondsOf(last), 0x017F22E279B0U);
}

TEST_F(UuidV7Test, GoesUpWithTheClock) {
  Uuid last = source.Next();
  for (int i = 0; i < 1000; ++i) {
    clock_now += absl::Microseconds(300);
    const Uuid next = source.Next();
    ASSERT_LT(last, next);
    last = next;
  }
  EXPECT_EQ(MillisecondsOf(last), 0x017F22E279B0U + 300);
}

TEST_F(UuidV7Test, GoesUpWhenTheClockGoesBack) {
  const Uuid before = source.Next();
  clock_now -= absl::Hours(1);
  const Uuid after = source.Next();

  EXPECT_LT(before, after);
}

TEST_F(UuidV7Test, DiffersBetweenSources) {
  UuidV7Source other(&FakeClock);
  std::set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(source.Next());
    seen.insert(other.Next());
  }

  EXPECT_EQ(seen.size(), 2000U);
}

TEST_F(UuidV7Test, TakesTheTimeOfDay) {
  const auto earliest = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  const Uuid uuid = UuidV7Source().Next();
  const auto latest = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));

  EXPECT_GE(MillisecondsOf(uuid), earliest);
  EXPECT_LE(MillisecondsOf(uuid), latest);
}

}  // namespace
}  // namespace usher::model
