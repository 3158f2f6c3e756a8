#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/key.h"

namespace usher::auth {

// The keys of an issuer, as a JWK Set (RFC 7517 §5).
class KeySet {
 public:
  static constexpr size_t kLongestText = 256 << 10;

  // Keys that are of no use here (see Key::FromJwk) are left out, as the RFC wants.
  // INVALID_ARGUMENT for text that is no JWK Set, or has no key that is of use.
  static absl::StatusOr<KeySet> Parse(std::string_view text);

  const std::vector<Key>& keys() const { return keys_; }
  // Those that may have made a signature: with this id and fit for the algorithm. For a token
  // without an id, the only key that fits, since guessing among several would cost time.
  std::vector<const Key*> Find(std::string_view id, Algorithm algorithm) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace usher::auth
