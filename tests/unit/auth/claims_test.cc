#include "auth/claims.h"

#include <gtest/gtest.h>

#include <limits>

#include "auth/strict_json.h"

namespace usher::auth {
namespace {

using nlohmann::json;

constexpr int64_t kNow = 1'800'000'000;

Issuer AnIssuer() {
  Issuer issuer;
  issuer.name = "https://issuer.example.com";
  issuer.audiences = {"usher", "usher-admin"};
  issuer.algorithms = {Algorithm::kEs256};
  issuer.token_types = {"at+jwt", "jwt"};
  return issuer;
}

Jwt AToken(json changes = json::object()) {
  Jwt jwt;
  jwt.algorithm = Algorithm::kEs256;
  jwt.type = "JWT";
  jwt.claims = {{"iss", "https://issuer.example.com"},
                {"aud", "usher"},
                {"sub", "ann"},
                {"exp", kNow + 600},
                {"email", "Ann@Example.com"},
                {"email_verified", true}};
  jwt.claims.merge_patch(changes);
  return jwt;
}

bool IsAccepted(const Jwt& jwt, const Issuer& issuer = AnIssuer()) {
  return ReadClaims(jwt, issuer, absl::FromUnixSeconds(kNow)).ok();
}

bool IsAccepted(json changes) { return IsAccepted(AToken(std::move(changes))); }

TEST(ClaimsTest, TellWhomTheTokenIsAbout) {
  const auto subject = ReadClaims(AToken({{"given_name", "Ann"}, {"family_name", "Example"}}),
                                  AnIssuer(), absl::FromUnixSeconds(kNow));

  ASSERT_TRUE(subject.ok()) << subject.status();
  EXPECT_EQ(subject->issuer, "https://issuer.example.com");
  EXPECT_EQ(subject->subject, "ann");
  EXPECT_EQ(subject->email->key(), "ann@example.com");
  EXPECT_TRUE(subject->email_verified);
  EXPECT_EQ(subject->first_name, "Ann");
  EXPECT_EQ(subject->last_name, "Example");
  EXPECT_EQ(subject->expire_time, absl::FromUnixSeconds(kNow + 600));
}

TEST(ClaimsTest, IssuerIsComparedExactly) {
  for (const char* name : {"https://issuer.example.com/", "HTTPS://issuer.example.com",
                           "https://issuer.example.com.evil", "", " https://issuer.example.com"}) {
    EXPECT_FALSE(IsAccepted({{"iss", name}})) << name;
  }
  EXPECT_FALSE(IsAccepted({{"iss", nullptr}}));
  EXPECT_FALSE(IsAccepted({{"iss", json::array({"https://issuer.example.com"})}}));
}

TEST(ClaimsTest, AnAudienceMustBeAccepted) {
  EXPECT_TRUE(IsAccepted({{"aud", "usher-admin"}}));
  EXPECT_TRUE(IsAccepted({{"aud", {"other", "usher"}}}));

  EXPECT_FALSE(IsAccepted({{"aud", "other"}}));
  EXPECT_FALSE(IsAccepted({{"aud", "ush"}}));
  EXPECT_FALSE(IsAccepted({{"aud", "USHER"}}));
  EXPECT_FALSE(IsAccepted({{"aud", json::array()}}));
  EXPECT_FALSE(IsAccepted({{"aud", json::array({1, json::array({"usher"})})}}));
  EXPECT_FALSE(IsAccepted({{"aud", json::object({{"usher", true}})}}));
  EXPECT_FALSE(IsAccepted({{"aud", nullptr}}));
}

TEST(ClaimsTest, TheTypeMustBeAccepted) {
  const auto with_type = [](const char* type) {
    Jwt jwt = AToken();
    jwt.type = type;
    return jwt;
  };
  for (const char* type : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"}) {
    EXPECT_TRUE(IsAccepted(with_type(type))) << type;
  }
  for (const char* type : {"", "dpop+jwt", "JWS", "logout+jwt", "application/", "at+jwt "}) {
    EXPECT_FALSE(IsAccepted(with_type(type))) << type;
  }
  Issuer issuer = AnIssuer();
  issuer.token_types.push_back("");
  EXPECT_TRUE(IsAccepted(with_type(""), issuer));
}

TEST(ClaimsTest, IdTokensAreForOthers) {
  EXPECT_FALSE(IsAccepted({{"at_hash", "x"}}));
  EXPECT_FALSE(IsAccepted({{"c_hash", "x"}}));
}

TEST(ClaimsTest, OnlyTheIssuersAlgorithms) {
  Jwt jwt = AToken();
  jwt.algorithm = Algorithm::kRs256;

  EXPECT_FALSE(IsAccepted(jwt));
}

TEST(ClaimsTest, R47TimesHaveALeewayOfAMinute) {
  EXPECT_TRUE(IsAccepted({{"exp", kNow - 59}}));
  EXPECT_FALSE(IsAccepted({{"exp", kNow - 60}}));
  EXPECT_TRUE(IsAccepted({{"exp", kNow - 59.5}}));
  EXPECT_TRUE(IsAccepted({{"nbf", kNow + 60}}));
  EXPECT_FALSE(IsAccepted({{"nbf", kNow + 61}}));
  EXPECT_TRUE(IsAccepted({{"iat", kNow + 60}}));
  EXPECT_FALSE(IsAccepted({{"iat", kNow + 61}}));
}

TEST(ClaimsTest, ExpiryIsRequiredAndTimesAreNumbers) {
  EXPECT_FALSE(IsAccepted({{"exp", nullptr}}));
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const json& value :
         {json("1800000600"), json(-1), json(1e300), json(true), json::array({kNow}),
          json(std::numeric_limits<uint64_t>::max()), json(std::numeric_limits<int64_t>::min())}) {
      EXPECT_FALSE(IsAccepted({{name, value}})) << name << value.dump();
    }
  }
}

TEST(ClaimsTest, ALifetimeIsBounded) {
  const int64_t day = 24 * 3600;
  EXPECT_TRUE(IsAccepted({{"exp", kNow + day}}));
  EXPECT_TRUE(IsAccepted({{"exp", kNow + 600}, {"iat", kNow + 600 - day}}));

  EXPECT_FALSE(IsAccepted({{"exp", kNow + day + 120}}));
  EXPECT_FALSE(IsAccepted({{"exp", kNow + 600}, {"iat", kNow - day}}));
}

TEST(ClaimsTest, ASubjectIsRequired) {
  for (const json& value : {json(nullptr), json(""), json(5), json(std::string(256, 's')),
                            json("a\nb"), json(std::string("a\0b", 3))}) {
    EXPECT_FALSE(IsAccepted({{"sub", value}})) << value.dump();
  }
  EXPECT_TRUE(IsAccepted({{"sub", std::string(255, 's')}}));
}

TEST(ClaimsTest, AnAddressIsVerifiedOnlyIfTheTokenSaysSo) {
  const auto verified = [](json changes, const Issuer& issuer) {
    return ReadClaims(AToken(std::move(changes)), issuer, absl::FromUnixSeconds(kNow))
        ->email_verified;
  };
  for (const json& value : {json(true), json("true")}) {
    EXPECT_TRUE(verified({{"email_verified", value}}, AnIssuer())) << value;
  }
  for (const json& value : {json(false), json("false"), json(nullptr), json(1), json("TRUE")}) {
    EXPECT_FALSE(verified({{"email_verified", value}}, AnIssuer())) << value;
  }
  Issuer vouching = AnIssuer();
  vouching.email_always_verified = true;
  EXPECT_TRUE(verified({{"email_verified", false}}, vouching));
  EXPECT_FALSE(verified({{"email", "no address"}}, vouching));
  EXPECT_FALSE(verified({{"email", nullptr}}, vouching));
}

TEST(ClaimsTest, NamesOfClaimsAreTheIssuers) {
  Issuer issuer = AnIssuer();
  issuer.email_claim = "https://example.com/mail";

  const auto subject =
      ReadClaims(AToken({{"https://example.com/mail", "ben@example.com"}, {"given_name", "<b>"}}),
                 issuer, absl::FromUnixSeconds(kNow));

  EXPECT_EQ(subject->email->key(), "ben@example.com");
  EXPECT_EQ(subject->first_name, "");
}

}  // namespace
}  // namespace usher::auth
