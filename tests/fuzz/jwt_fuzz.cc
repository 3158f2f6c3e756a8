#include <cstdint>
#include <cstdlib>

#include "auth/claims.h"
#include "auth/jwt.h"
#include "model/base64.h"

// A token is read or refused, and what was read can be told again: nothing is lost or made up.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace usher;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto jwt = auth::ParseJwt(text);
  if (!jwt.ok()) return 0;
  if (jwt->message + "." + model::ToBase64Url(jwt->signature) != text) std::abort();

  auth::Issuer issuer;
  issuer.name = "https://issuer.example.com";
  issuer.audiences = {"usher"};
  issuer.algorithms.assign(std::begin(auth::kAlgorithms), std::end(auth::kAlgorithms));
  issuer.token_types = {"jwt", "at+jwt", ""};
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const auto subject = auth::ReadClaims(*jwt, issuer, now);
  if (!subject.ok()) return 0;
  if (subject->issuer != issuer.name || subject->subject.empty()) std::abort();
  if (subject->expire_time + auth::kLeeway <= now) std::abort();
  if (subject->email_verified && !subject->email) std::abort();
  return 0;
}
