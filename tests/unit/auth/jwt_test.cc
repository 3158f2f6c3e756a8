#include "auth/jwt.h"

#include <gtest/gtest.h>

#include "model/base64.h"

namespace usher::auth {
namespace {

using model::ToBase64Url;

constexpr const char* kHeader = R"({"alg":"ES256","kid":"k1","typ":"at+jwt"})";

std::string Token(const std::string& header, const std::string& claims = "{}",
                  const std::string& signature = "signature") {
  return ToBase64Url(header) + "." + ToBase64Url(claims) + "." + ToBase64Url(signature);
}

TEST(JwtTest, ReadsItsParts) {
  const auto jwt = ParseJwt(Token(kHeader, R"({"sub":"ann"})"));

  ASSERT_TRUE(jwt.ok()) << jwt.status();
  EXPECT_EQ(jwt->algorithm, Algorithm::kEs256);
  EXPECT_EQ(jwt->key_id, "k1");
  EXPECT_EQ(jwt->type, "at+jwt");
  EXPECT_EQ(jwt->claims["sub"], "ann");
  EXPECT_EQ(jwt->signature, "signature");
  EXPECT_EQ(jwt->message + "." + ToBase64Url("signature"), Token(kHeader, R"({"sub":"ann"})"));
}

TEST(JwtTest, IgnoresHeadersThatBringKeys) {
  for (const char* extra : {R"("jwk":{"kty":"oct"})", R"("jku":"https://evil.example")",
                            R"("x5u":"https://evil.example")", R"("x5c":["AAAA"])"}) {
    EXPECT_TRUE(ParseJwt(Token(std::string(R"({"alg":"ES256",)") + extra + "}")).ok()) << extra;
  }
}

TEST(JwtTest, RefusesOtherHeaders) {
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"es256"})", R"({"alg":""})", "{}",
        R"({"alg":["ES256"]})", R"({"alg":"ES256","kid":1})", R"({"alg":"ES256","typ":null})",
        R"({"alg":"ES256","crit":[]})", R"({"alg":"ES256","b64":true})",
        R"({"alg":"ES256","alg":"ES256"})", R"({"alg":"none","alg":"ES256"})", "[]", "x"}) {
    EXPECT_FALSE(ParseJwt(Token(header)).ok()) << header;
  }
  EXPECT_FALSE(ParseJwt(Token(R"({"alg":"ES256","kid":")" + std::string(257, 'k') + R"("})")).ok());
}

TEST(JwtTest, RefusesOtherForms) {
  const std::string good = Token(kHeader);
  const size_t last = good.rfind('.');
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".",
        good + "=", good + " ", " " + good, good.substr(0, last), good + "." + good,
        Token(kHeader, "{}").replace(3, 1, "+"), good.substr(0, last) + ".a",
        Token(kHeader, R"({"sub":"ann","sub":"bob"})"), Token(kHeader, "\"text\""),
        Token(kHeader, "{\"sub\":\"\xff\"}"), std::string("a.b.c"), std::string(3, '\0')}) {
    EXPECT_FALSE(ParseJwt(text).ok()) << text;
  }
}

TEST(JwtTest, RefusesStrayBitsInBase64) {
  // The last character of "e30" has two bits that mean nothing; other values of them are refused.
  EXPECT_TRUE(ParseJwt(ToBase64Url(kHeader) + ".e30.e30").ok());
  EXPECT_FALSE(ParseJwt(ToBase64Url(kHeader) + ".e31.e30").ok());
  EXPECT_FALSE(ParseJwt(ToBase64Url(kHeader) + ".e30.e31").ok());
}

TEST(JwtTest, BoundsTheLength) {
  EXPECT_TRUE(ParseJwt(Token(kHeader, R"({"a":")" + std::string(5'900, 'a') + R"("})")).ok());
  EXPECT_FALSE(ParseJwt(Token(kHeader, R"({"a":")" + std::string(6'200, 'a') + R"("})")).ok());
}

TEST(JwtTest, NeverQuotesTheToken) {
  const auto refused = ParseJwt(Token(R"({"alg":"secret-algorithm","kid":"secret-kid"})"));

  EXPECT_EQ(refused.status().message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace usher::auth
