#include "model/base64.h"

#include <random>

#include "gtest/gtest.h"

namespace usher::model {
namespace {

TEST(Base64Test, IsUrlSafeWithoutPadding) {
  EXPECT_EQ(ToBase64Url(""), "");
  EXPECT_EQ(ToBase64Url("f"), "Zg");
  EXPECT_EQ(ToBase64Url("foob"), "Zm9vYg");
  EXPECT_EQ(ToBase64Url("\xFB\xFF\xFE"), "-__-");
}

TEST(Base64Test, ComesBackForAnyBytes) {
  std::mt19937 random(3);
  for (size_t length = 0; length < 200; ++length) {
    std::string bytes(length, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());

    EXPECT_EQ(FromBase64Url(ToBase64Url(bytes)), bytes);
  }
}

TEST(Base64Test, RefusesASecondTextForAValue) {
  using std::string_literals::operator""s;

  for (const std::string& text : {"Zg=="s, "Zg="s, "Zg.."s, "Zh"s, "Z"s, " Zg"s, "Zg\n"s, "Z g"s,
                                  "Zm+v"s, "Zm/v"s, "Zg\0"s, "é"s}) {
    EXPECT_FALSE(FromBase64Url(text)) << text;
  }
}

}  // namespace
}  // namespace usher::model
