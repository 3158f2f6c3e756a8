#include "model/etag.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace usher::model {
namespace {

TEST(EtagTest, IsReadBack) {
  for (const int64_t revision : {int64_t{1}, int64_t{42}, std::numeric_limits<int64_t>::max()}) {
    const auto read = ParseEtag(ToEtag(revision));

    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, revision);
  }
}

TEST(EtagTest, DiffersBetweenRevisions) { EXPECT_NE(ToEtag(1), ToEtag(2)); }

TEST(EtagTest, RefusesWhatWasNeverGiven) {
  for (const std::string etag : {"", "r", "3", "R3", "r03", "r+3", "r 3", " r3", "r3 ", "r3x",
                                 "\"r3\"", "r9223372036854775808", "W/r3"}) {
    EXPECT_EQ(ParseEtag(etag).status().code(), absl::StatusCode::kInvalidArgument) << etag;
  }
}

}  // namespace
}  // namespace usher::model
