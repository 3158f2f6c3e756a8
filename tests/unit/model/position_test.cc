#include "model/position.h"

#include <gtest/gtest.h>

namespace usher::model {
namespace {

TEST(PositionTest, IsReadAsItIsWritten) {
  for (const char* text : {"0", "1", "1042", "1042.7", "18446744073709551615.1"}) {
    const auto position = Position::Parse(text);
    ASSERT_TRUE(position) << text;
    EXPECT_EQ(position->ToString(), text);
  }
}

TEST(PositionTest, HasOneFormOnly) {
  for (const char* text : {"", ".", "1.", ".1", "01", "1.07", "+1", "-1", "1.-7", "1.7.7", "1 ",
                           "x", "18446744073709551616", "1.9223372036854775808"}) {
    EXPECT_FALSE(Position::Parse(text)) << text;
  }
}

TEST(PositionTest, AChangeIsAfterItsEventsAndBeforeThoseOfTheNext) {
  EXPECT_LT(*Position::Parse("0"), *Position::Parse("7.1"));
  EXPECT_LT(*Position::Parse("7.1"), *Position::Parse("7.2"));
  EXPECT_LT(*Position::Parse("7.2"), *Position::Parse("7"));
  EXPECT_LT(*Position::Parse("7"), *Position::Parse("8.1"));
  EXPECT_EQ(Position::Before(8), *Position::Parse("7"));
}

}  // namespace
}  // namespace usher::model
