#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/algorithm.h"

namespace usher::auth {

// A signed JSON Web Token (RFC 7519) in its compact form, read but not believed.
struct Jwt {
  Algorithm algorithm{};
  std::string key_id;  // An index into the issuer's own keys, nothing more; empty for none.
  std::string type;    // The header `typ`; empty for none.
  nlohmann::json claims;
  std::string message;  // What was signed.
  std::string signature;
};

constexpr size_t kLongestToken = 8 << 10;

// Reads a token of at most 8 KiB: three parts in base64url without padding, of which each value has
// one text; strict JSON (see ParseStrictObject). Headers that bring or point to a key (jwk, jku,
// x5c, x5u) are ignored; `crit` and `b64` are refused, whatever they say.
// INVALID_ARGUMENT never quotes the token.
absl::StatusOr<Jwt> ParseJwt(std::string_view token);

}  // namespace usher::auth
