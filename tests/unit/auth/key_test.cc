#include "auth/key.h"

#include <gtest/gtest.h>

#include "auth/strict_json.h"
#include "model/base64.h"

namespace usher::auth {
namespace {

// The examples of RFC 7515, A.2 and A.3, and of RFC 8037, A.4.
constexpr const char* kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
constexpr const char* kRsaModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
    "4qPCJrcS2mJPMEzP1Pt0Bm4d4Q"
    "lL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBY"
    "UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
    "DWNm"
    "oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr const char* kRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5juj"
    "Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe"
    "7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8"
    "np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr const char* kEcKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr const char* kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr const char* kEdKey =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr const char* kEdSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

nlohmann::json Jwk(const std::string& text) { return *ParseStrictObject(text); }

nlohmann::json RsaJwk() {
  return nlohmann::json{{"kty", "RSA"}, {"n", kRsaModulus}, {"e", "AQAB"}};
}

nlohmann::json With(nlohmann::json jwk, const char* member, nlohmann::json value) {
  jwk[member] = std::move(value);
  return jwk;
}

bool Verify(const nlohmann::json& jwk, Algorithm algorithm, const std::string& message,
            const std::string& signature) {
  const auto key = Key::FromJwk(jwk);
  return key.ok() && key->Verify(algorithm, message, *model::FromBase64Url(signature));
}

TEST(KeyTest, VerifiesTheExamplesOfTheRfcs) {
  const std::string rsa_message = std::string("eyJhbGciOiJSUzI1NiJ9.") + kPayload;
  const std::string ec_message = std::string("eyJhbGciOiJFUzI1NiJ9.") + kPayload;
  const std::string ed_message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";

  EXPECT_TRUE(Verify(RsaJwk(), Algorithm::kRs256, rsa_message, kRsaSignature));
  EXPECT_TRUE(Verify(Jwk(kEcKey), Algorithm::kEs256, ec_message, kEcSignature));
  EXPECT_TRUE(Verify(Jwk(kEdKey), Algorithm::kEdDsa, ed_message, kEdSignature));
}

TEST(KeyTest, AChangedMessageOrSignatureIsNoMatch) {
  const std::string message = std::string("eyJhbGciOiJFUzI1NiJ9.") + kPayload;
  std::string signature = kEcSignature;
  signature[10] = signature[10] == 'A' ? 'B' : 'A';

  EXPECT_FALSE(Verify(Jwk(kEcKey), Algorithm::kEs256, message + "x", kEcSignature));
  EXPECT_FALSE(Verify(Jwk(kEcKey), Algorithm::kEs256, message, signature));
  EXPECT_FALSE(Verify(Jwk(kEcKey), Algorithm::kEs256, message, ""));
  EXPECT_FALSE(Verify(RsaJwk(), Algorithm::kRs256, message, kRsaSignature));
}

TEST(KeyTest, AnAlgorithmInTheKeyExcludesOthers) {
  const auto key = Key::FromJwk(With(RsaJwk(), "alg", "PS256"));

  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_TRUE(key->Fits(Algorithm::kPs256));
  EXPECT_FALSE(key->Fits(Algorithm::kRs256));
  EXPECT_FALSE(key->Fits(Algorithm::kEs256));
}

TEST(KeyTest, RefusesKeysThatAreOfNoUseOrUnsafe) {
  const std::string short_modulus = model::ToBase64Url(std::string(128, '\xc5'));
  const nlohmann::json unusable[] = {
      With(RsaJwk(), "use", "enc"),
      With(RsaJwk(), "key_ops", {"sign"}),
      With(RsaJwk(), "key_ops", "verify"),
      With(RsaJwk(), "alg", "RS512"),
      With(RsaJwk(), "alg", "HS256"),
      With(RsaJwk(), "alg", 5),
      With(RsaJwk(), "kid", 5),
      With(RsaJwk(), "kid", std::string(257, 'k')),
      With(RsaJwk(), "d", "AQAB"),
      With(RsaJwk(), "n", short_modulus),
      With(RsaJwk(), "n", std::string(kRsaModulus) + "="),
      With(RsaJwk(), "n", ""),
      With(RsaJwk(), "e", "AAAA"),
      With(RsaJwk(), "e", "Ag"),
      With(RsaJwk(), "e", model::ToBase64Url(std::string(9, '\x01'))),
      With(RsaJwk(), "n", model::ToBase64Url(std::string(1025, '\xc5'))),
      With(RsaJwk(), "kty", "rsa"),
      With(Jwk(kEcKey), "crv", "P-384"),
      With(Jwk(kEcKey), "crv", "secp256k1"),
      With(Jwk(kEcKey), "x", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
      With(Jwk(kEcKey), "x", ""),
      With(Jwk(kEcKey), "alg", "RS256"),
      With(Jwk(kEdKey), "crv", "X25519"),
      With(Jwk(kEdKey), "x", "11qY"),
      nlohmann::json{{"kty", "oct"}, {"k", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}},
      nlohmann::json::object(),
      nlohmann::json("text"),
  };
  for (const auto& jwk : unusable) {
    EXPECT_FALSE(Key::FromJwk(jwk).ok()) << jwk.dump();
  }
}

}  // namespace
}  // namespace usher::auth
