#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/algorithm.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY.

namespace usher::auth {

// A public key of an issuer. It verifies the algorithms of its type and, if its JWK names one, only
// that: an RSA key RS256 and PS256, a P-256 key ES256, an Ed25519 key EdDSA.
//
// Copies share the key; any thread may verify.
class Key {
 public:
  // INVALID_ARGUMENT for a key that is of no use or unsafe: another type, curve, algorithm or use,
  // a private or symmetric key, RSA of fewer than 2048 bits or more than 8192, a point off its
  // curve.
  static absl::StatusOr<Key> FromJwk(const nlohmann::json& jwk);

  // Empty if it has none.
  const std::string& id() const { return id_; }
  bool Fits(Algorithm algorithm) const;
  // Whether `signature` is one of `message`; false for an algorithm that does not fit.
  bool Verify(Algorithm algorithm, std::string_view message, std::string_view signature) const;

 private:
  enum class Type { kRsa, kEc, kEd25519 };

  Key() = default;
  static absl::StatusOr<Key> OfType(const nlohmann::json& jwk);

  Type type_ = Type::kRsa;
  std::shared_ptr<evp_pkey_st> key_;
  std::string id_;
  std::optional<Algorithm> only_;
};

}  // namespace usher::auth
