#include "auth/key.h"

#include <algorithm>

#include "auth/openssl.h"
#include "auth/strict_json.h"
#include "model/base64.h"

namespace usher::auth {
namespace {

using nlohmann::json;

constexpr size_t kLongestId = 256;
constexpr size_t kLongestExponent = 8;  // bytes; a longer one only costs time
constexpr int kFewestRsaBits = 2048;
constexpr int kMostRsaBits = 8192;

absl::Status Unusable(const char* why) { return absl::InvalidArgumentError(why); }

std::string Bytes(const json& jwk, const char* member) {
  const std::string* text = FindString(jwk, member);
  return text == nullptr ? "" : model::FromBase64Url(*text).value_or("");
}

// Whether what the JWK says of its purpose allows to verify signatures.
bool IsForSignatures(const json& jwk) {
  if (jwk.contains("use") && jwk["use"] != "sig") return false;
  const auto uses = jwk.find("key_ops");
  if (uses == jwk.end()) return true;
  return uses->is_array() && std::find(uses->begin(), uses->end(), "verify") != uses->end();
}

bool IsPrivate(const json& jwk) { return jwk.contains("d") || jwk.contains("k"); }

std::shared_ptr<EVP_PKEY> ReadRsa(const json& jwk) {
  const std::string exponent = Bytes(jwk, "e");
  const std::string modulus = Bytes(jwk, "n");
  if (exponent.size() > kLongestExponent || modulus.size() > kMostRsaBits / 8) return nullptr;
  auto key = RsaPublicKey(modulus, exponent);
  if (key == nullptr || EVP_PKEY_get_bits(key.get()) < kFewestRsaBits) return nullptr;
  return key;
}

}  // namespace

absl::StatusOr<Key> Key::OfType(const json& jwk) {
  const std::string* type = FindString(jwk, "kty");
  const std::string* curve = FindString(jwk, "crv");
  Key key;
  if (type != nullptr && *type == "RSA") {
    key.type_ = Type::kRsa;
    key.key_ = ReadRsa(jwk);
  } else if (type != nullptr && *type == "EC" && curve != nullptr && *curve == "P-256") {
    key.type_ = Type::kEc;
    key.key_ = P256PublicKey(Bytes(jwk, "x"), Bytes(jwk, "y"));
  } else if (type != nullptr && *type == "OKP" && curve != nullptr && *curve == "Ed25519") {
    key.type_ = Type::kEd25519;
    key.key_ = Ed25519PublicKey(Bytes(jwk, "x"));
  } else {
    return Unusable("is of a type or curve that is not known");
  }
  if (key.key_ == nullptr) return Unusable("is no valid key, or not of a safe size");
  return key;
}

absl::StatusOr<Key> Key::FromJwk(const json& jwk) {
  if (!jwk.is_object()) return Unusable("is no JSON object");
  if (!IsForSignatures(jwk)) return Unusable("is not for signatures");
  if (IsPrivate(jwk)) return Unusable("is not a public key");
  auto key = OfType(jwk);
  if (!key.ok()) return key;
  if (jwk.contains("kid")) {
    const std::string* id = FindString(jwk, "kid");
    if (id == nullptr || id->size() > kLongestId) return Unusable("has no valid kid");
    key->id_ = *id;
  }
  if (jwk.contains("alg")) {
    const std::string* name = FindString(jwk, "alg");
    const auto algorithm = name == nullptr ? std::nullopt : ParseAlgorithm(*name);
    if (!algorithm || !key->Fits(*algorithm)) return Unusable("is for another algorithm");
    key->only_ = algorithm;
  }
  return key;
}

bool Key::Fits(Algorithm algorithm) const {
  if (only_ && *only_ != algorithm) return false;
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kPs256:
      return type_ == Type::kRsa;
    case Algorithm::kEs256:
      return type_ == Type::kEc;
    case Algorithm::kEdDsa:
      return type_ == Type::kEd25519;
  }
  return false;
}

bool Key::Verify(Algorithm algorithm, std::string_view message, std::string_view signature) const {
  if (!Fits(algorithm)) return false;
  switch (type_) {
    case Type::kRsa:
      return VerifyRsa(key_.get(), algorithm == Algorithm::kPs256, message, signature);
    case Type::kEc:
      return VerifyP256(key_.get(), message, signature);
    case Type::kEd25519:
      return VerifyEd25519(key_.get(), message, signature);
  }
  return false;
}

}  // namespace usher::auth
