#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace usher::auth {

// OpenSSL's way to a public key and to a signature; nothing or false where it says no.

std::shared_ptr<EVP_PKEY> RsaPublicKey(std::string_view modulus, std::string_view exponent);
// The coordinates of a point of P-256, 32 bytes each; checked to be on the curve.
std::shared_ptr<EVP_PKEY> P256PublicKey(std::string_view x, std::string_view y);
std::shared_ptr<EVP_PKEY> Ed25519PublicKey(std::string_view x);

bool VerifyRsa(EVP_PKEY* key, bool pss, std::string_view message, std::string_view signature);
// The signature is r and s, 32 bytes each (RFC 7518 §3.4).
bool VerifyP256(EVP_PKEY* key, std::string_view message, std::string_view signature);
bool VerifyEd25519(EVP_PKEY* key, std::string_view message, std::string_view signature);

}  // namespace usher::auth
