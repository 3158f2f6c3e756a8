#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/token.h"

namespace usher::model {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kKey = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

std::string Fault(const std::string& text) {
  const auto keys = TokenKeys::Parse(text);
  EXPECT_FALSE(keys.ok()) << text;
  return std::string(keys.status().message());
}

TEST(TokenKeysTest, SignWithTheFirst) {
  const auto keys = TokenKeys::Parse("7:" + kKey + "\n3:" + kKey + "ff\n");

  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->signing_key(), 7);
  EXPECT_TRUE(keys->Has(7));
  EXPECT_TRUE(keys->Has(3));
  EXPECT_FALSE(keys->Has(0));
}

TEST(TokenKeysTest, TakeCommentsEmptyLinesAndCarriageReturns) {
  const auto keys = TokenKeys::Parse("# since May\r\n\r\n  0:" + kKey + "  \r\n\n# end");

  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->signing_key(), 0);
}

TEST(TokenKeysTest, TakeEitherLetterCaseOfHexadecimal) {
  const auto lower = TokenKeys::Parse("1:" + std::string(64, 'a'));
  const auto upper = TokenKeys::Parse("1:" + std::string(64, 'A'));

  ASSERT_TRUE(lower.ok() && upper.ok());
  EXPECT_EQ(lower->Sign(1, "x"), upper->Sign(1, "x"));
}

TEST(TokenKeysTest, RefuseFilesWithoutAKey) {
  for (const char* text : {"", "\n", "# only this\n"}) EXPECT_EQ(Fault(text), "has no key");
}

TEST(TokenKeysTest, NameTheLineThatIsWrong) {
  EXPECT_THAT(Fault("# keys\n1:" + kKey + "\nwhat"), StartsWith("line 3 "));
  EXPECT_THAT(Fault("1:" + kKey + "\n\n1:" + kKey), StartsWith("line 3 has a key number that"));
}

TEST(TokenKeysTest, RefuseOtherKeyNumbers) {
  for (const std::string number : {"", "-1", "256", "x", "1.5", "99999999999", "1:2"}) {
    EXPECT_THAT(Fault(number + ":" + kKey), HasSubstr("line 1")) << number;
  }
}

TEST(TokenKeysTest, RefuseShortAndOddKeys) {
  for (const std::string& key : {std::string(), std::string("ab"), kKey.substr(2), kKey + "a"}) {
    EXPECT_THAT(Fault("1:" + key), HasSubstr("at least 32 bytes in hexadecimal")) << key;
  }
  EXPECT_THAT(Fault("1:" + std::string(64, 'g')), HasSubstr("in hexadecimal"));
  EXPECT_THAT(Fault("1: " + kKey), HasSubstr("in hexadecimal"));
}

TEST(TokenKeysTest, NeverTellAKey) {
  EXPECT_THAT(Fault("1:" + kKey + "\n1:" + kKey), Not(HasSubstr(kKey)));
  EXPECT_THAT(Fault("1:" + kKey + "x"), Not(HasSubstr(kKey)));
  EXPECT_THAT(Fault(kKey), Not(HasSubstr(kKey)));
}

TEST(TokenKeysTest, AreGeneratedReadyForUse) {
  const std::string text = TokenKeys::Generate();

  EXPECT_TRUE(TokenKeys::Parse(text).ok()) << text;
  EXPECT_NE(TokenKeys::Generate(), text);
}

}  // namespace
}  // namespace usher::model
