#include "auth/token_verifier.h"

#include <algorithm>

#include "async/try.h"
#include "auth/strict_json.h"
#include "model/digest.h"

namespace usher::auth {
namespace {

enum class Signed { kYes, kNo, kKeyUnknown };

// The signature is what counts; an id only says which keys to try. Without one, keys that do not
// fit may be those of before a rotation.
Signed CheckSignature(const Jwt& jwt, const KeySet* keys) {
  if (keys == nullptr) return Signed::kKeyUnknown;
  const auto candidates = keys->Find(jwt.key_id, jwt.algorithm);
  const bool matches = std::any_of(candidates.begin(), candidates.end(), [&jwt](const Key* key) {
    return key->Verify(jwt.algorithm, jwt.message, jwt.signature);
  });
  if (matches) return Signed::kYes;
  return candidates.empty() || jwt.key_id.empty() ? Signed::kKeyUnknown : Signed::kNo;
}

}  // namespace

async::Task<absl::StatusOr<std::shared_ptr<const Subject>>> TokenVerifier::Verify(
    std::string token, async::Instant deadline) {
  CO_TRY(const Jwt jwt, ParseJwt(token));
  const std::string* name = FindString(jwt.claims, "iss");
  TrustedIssuer* issuer = name == nullptr ? nullptr : issuers_.Find(*name);
  if (issuer == nullptr) co_return absl::InvalidArgumentError("its issuer is not known");
  CO_TRY(Subject subject, ReadClaims(jwt, issuer->rules, clock_()));

  std::shared_ptr<const KeySet> keys = issuer->keys.keys();
  Signed result = CheckSignature(jwt, keys.get());
  if (result == Signed::kKeyUnknown) {
    (void)co_await issuer->keys.Refreshed(lane_, deadline);
    keys = issuer->keys.keys();
    result = CheckSignature(jwt, keys.get());
  }
  if (keys == nullptr) {
    co_return absl::UnavailableError("The keys of the token's issuer cannot be fetched now.");
  }
  if (result == Signed::kKeyUnknown) co_return absl::InvalidArgumentError("its key is not known");
  if (result == Signed::kNo) co_return absl::InvalidArgumentError("its signature does not match");

  auto believed = std::make_shared<const Subject>(std::move(subject));
  TokenCache::Entry entry{believed, &issuer->keys, keys};
  cache_.Add(model::Digest(token), std::move(entry));
  co_return believed;
}

}  // namespace usher::auth
