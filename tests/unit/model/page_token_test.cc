#include "model/page_token.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/base64.h"
#include "model/refusal.h"

namespace usher::model {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::Field;

class PageTokenTest : public testing::Test {
 protected:
  static TokenKeys Keys(const std::string& text) { return *TokenKeys::Parse(text); }

  const std::string old_line = "1:" + std::string(64, 'a') + "\n";
  const std::string new_line = "2:" + std::string(64, 'b') + "\n";
  const TokenKeys keys = Keys(old_line);
  const std::string token = SealPageToken(keys, "query", "cursor");
};

TEST_F(PageTokenTest, GivesTheCursorBack) {
  for (const std::string& cursor : {""s, "cursor"s, "\0\xFF\n"s, std::string(2000, 'x')}) {
    const auto opened = OpenPageToken(keys, "query", SealPageToken(keys, "query", cursor));

    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(*opened, cursor);
  }
}

TEST_F(PageTokenTest, IsSafeInUrls) {
  EXPECT_EQ(
      SealPageToken(keys, "q", "\xFF\xFE\xFD?&=+ %")
          .find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
      std::string::npos);
}

TEST_F(PageTokenTest, IsBoundToItsQuery) {
  for (const std::string query : {"", "quer", "query2", "Query"}) {
    EXPECT_FALSE(OpenPageToken(keys, query, token).ok()) << query;
  }
}

TEST_F(PageTokenTest, DoesNotMoveTheBorderBetweenQueryAndCursor) {
  const std::string sealed = SealPageToken(keys, "query", "1cursor");

  EXPECT_FALSE(OpenPageToken(keys, "query1", sealed).ok());
  EXPECT_NE(SealPageToken(keys, "query1", "cursor").substr(0, 22), sealed.substr(0, 22));
}

TEST_F(PageTokenTest, RefusesAnyChangedCharacter) {
  for (size_t at = 0; at < token.size(); ++at) {
    for (const char c : "aAzZ09-_ =+/\n"s) {
      std::string changed = token;
      changed[at] = c;

      EXPECT_EQ(OpenPageToken(keys, "query", changed).ok(), changed == token) << changed;
    }
  }
}

TEST_F(PageTokenTest, RefusesAnyFlippedBit) {
  const std::string bytes = *FromBase64Url(token);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);

    EXPECT_FALSE(OpenPageToken(keys, "query", ToBase64Url(changed)).ok()) << bit;
  }
}

TEST_F(PageTokenTest, RefusesAnyFlippedBitOfItsText) {
  for (size_t bit = 0; bit < 8 * token.size(); ++bit) {
    std::string changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);

    EXPECT_FALSE(OpenPageToken(keys, "query", changed).ok()) << changed;
  }
}

TEST_F(PageTokenTest, R14RefusesWhatIsNoToken) {
  for (const std::string& text : {""s, "\0"s, "x"s, "é"s, token + "\0"s, token + "=", " " + token,
                                  token.substr(0, 10), std::string(100'000, 'A')}) {
    const auto opened = OpenPageToken(keys, "query", text);

    const auto refusal = RefusalOf(opened.status());
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, Reason::kPageTokenInvalid);
    EXPECT_THAT(refusal->fields, ElementsAre(Field(&FieldViolation::field, "page_token")));
  }
}

TEST_F(PageTokenTest, RefusesTokensUnderOtherKeys) {
  EXPECT_FALSE(OpenPageToken(Keys("1:" + std::string(64, 'f')), "query", token).ok());
  EXPECT_FALSE(OpenPageToken(Keys(new_line), "query", token).ok());
}

TEST_F(PageTokenTest, OpensUnderAnOldKeyUntilItIsRemoved) {
  EXPECT_TRUE(OpenPageToken(Keys(new_line + old_line), "query", token).ok());
}

TEST_F(PageTokenTest, IsNoInvitationToken) {
  const std::string invitation = Derive(keys, TokenClaims{});

  EXPECT_FALSE(OpenPageToken(keys, "query", invitation).ok());
  EXPECT_FALSE(OpenPageToken(keys, "query", invitation.substr(10)).ok());
  EXPECT_FALSE(Open(keys, "usher_inv_" + token).ok());
}

}  // namespace
}  // namespace usher::model
