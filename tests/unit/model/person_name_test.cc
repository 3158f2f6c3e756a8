#include "model/person_name.h"

#include <string>

#include "gtest/gtest.h"

namespace usher::model {
namespace {

using std::string_literals::operator""s;

std::string Repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(PersonNameTest, R11HasUpTo64Characters) {
  for (const char* character : {"\u00E9", "田", "😀"}) {
    EXPECT_EQ(*ParseFirstName(Repeat(character, 64)), Repeat(character, 64));
    EXPECT_EQ(*ParseLastName(Repeat(character, 64)), Repeat(character, 64));
    EXPECT_FALSE(ParseFirstName(Repeat(character, 65)).ok());
    EXPECT_FALSE(ParseLastName(Repeat(character, 65)).ok());
  }
}

TEST(PersonNameTest, R11IsComposedBeforeCounting) {
  EXPECT_EQ(*ParseFirstName(Repeat("e\u0301", 64)), Repeat("\u00E9", 64));
}

TEST(PersonNameTest, R11NeedsAFirstName) {
  for (const char* text : {"", "   ", "\u200B"}) {
    EXPECT_EQ(ParseFirstName(text).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(PersonNameTest, NeedsNoLastName) {
  EXPECT_EQ(*ParseLastName(""), "");
  EXPECT_EQ(*ParseLastName("  "), "");
  EXPECT_FALSE(ParseLastName("\u200B").ok());
}

TEST(PersonNameTest, R12KeepsPunctuation) {
  for (const char* name : {"Vic, Jr.", "O'Neil (Ops)", "A\"B", "C\\D", "x@y", "Team:", "Lee;"}) {
    EXPECT_EQ(*ParseFirstName(name), name);
    EXPECT_EQ(*ParseLastName(name), name);
  }
}

TEST(PersonNameTest, RefusesLinksAndMarkup) {
  for (const char* name : {"<z>", "a<b", "a>b", "http://evil.example", "see ftp://x"}) {
    EXPECT_EQ(ParseFirstName(name).status().message(), "must not contain <, > or ://") << name;
    EXPECT_EQ(ParseLastName(name).status().message(), "must not contain <, > or ://") << name;
  }
}

TEST(PersonNameTest, R14RefusesControlCharacters) {
  for (const std::string& name : {"Ann\0Admin"s, "x\r\ny"s, "x\ty"s}) {
    EXPECT_EQ(ParseFirstName(name).status().message(), "must not contain control characters");
    EXPECT_EQ(ParseLastName(name).status().message(), "must not contain control characters");
  }
}

TEST(DisplayNameTest, JoinsNames) {
  EXPECT_EQ(DisplayName("Ann", "Lee"), "Ann Lee");
  EXPECT_EQ(DisplayName("Ann", ""), "Ann");
}

}  // namespace
}  // namespace usher::model
