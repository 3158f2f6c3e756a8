#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/config.h"
#include "auth/jwt.h"
#include "model/email.h"

namespace usher::auth {

// Whom a token is about, once it is believed.
struct Subject {
  std::string issuer;
  std::string subject;
  std::optional<model::Email> email;  // None for a claim that is no address.
  bool email_verified = false;
  std::string first_name;  // Empty for a claim that is no name.
  std::string last_name;
  absl::Time expire_time;
};

// Clocks of others may differ by this.
constexpr absl::Duration kLeeway = absl::Seconds(60);

// Whether the token may be used at all by what it says of itself, before its signature is looked
// at: the issuer's algorithms and types, exact `iss`, an accepted `aud`, `exp` (required), `nbf`
// and `iat` with a leeway of 60 seconds, a lifetime that is not too long, a `sub`; no ID token,
// which is for the client and not for us. INVALID_ARGUMENT says what is wrong and never quotes a
// value.
absl::StatusOr<Subject> ReadClaims(const Jwt& jwt, const Issuer& issuer, absl::Time now);

}  // namespace usher::auth
