#include "auth/strict_json.h"

#include <gtest/gtest.h>

namespace usher::auth {
namespace {

std::string Nested(int levels) {
  return std::string(R"({"a":)") + std::string(levels - 1, '[') + std::string(levels - 1, ']') +
         "}";
}

TEST(StrictJsonTest, ReadsObjects) {
  const auto object = ParseStrictObject(R"({"a":{"b":1},"c":{"b":[2,"é"]}})");

  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ((*object)["c"]["b"][1], "é");
}

TEST(StrictJsonTest, RefusesWhatCanBeReadInTwoWays) {
  for (const std::string text :
       {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"x":{"a":1,"b":2,"a":3}})", R"({"a":1} x)",
        R"({"a":1}{"a":2})", R"({"a":1,})", R"({'a':1})", R"({"a":01})", R"({"a":NaN})",
        R"({"a":1e999})", "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", "[]", "null", "",
        R"({"a":1 /* no */})", R"({"a":"\ud800"})", "{\"a\":\"\n\"}"}) {
    EXPECT_FALSE(ParseStrictObject(text).ok()) << text;
  }
  EXPECT_FALSE(ParseStrictObject(std::string_view("{\"a\":1}\0", 8)).ok());
}

TEST(StrictJsonTest, BoundsTheDepth) {
  EXPECT_TRUE(ParseStrictObject(Nested(8)).ok());
  EXPECT_FALSE(ParseStrictObject(Nested(10)).ok());
  EXPECT_FALSE(ParseStrictObject(Nested(100'000)).ok());
}

TEST(StrictJsonTest, FindsOnlyStrings) {
  const auto object = ParseStrictObject(R"({"a":"text","b":1})");

  ASSERT_TRUE(object.ok());
  EXPECT_EQ(*FindString(*object, "a"), "text");
  EXPECT_EQ(FindString(*object, "b"), nullptr);
  EXPECT_EQ(FindString(*object, "c"), nullptr);
}

}  // namespace
}  // namespace usher::auth
