#include "auth/key_set.h"

#include "auth/strict_json.h"

namespace usher::auth {
namespace {

constexpr size_t kMostKeys = 100;
constexpr size_t kMostOfOneId = 4;

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(std::string_view text) {
  if (text.size() > kLongestText) return absl::InvalidArgumentError("is too long");
  const size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  auto object = ParseStrictObject(text.substr(begin));
  if (!object.ok()) return object.status();
  const auto keys = object->find("keys");
  if (keys == object->end() || !keys->is_array()) {
    return absl::InvalidArgumentError("is no JWK Set: it has no array \"keys\"");
  }
  if (keys->size() > kMostKeys) return absl::InvalidArgumentError("has too many keys");
  KeySet set;
  for (const auto& jwk : *keys) {
    auto key = Key::FromJwk(jwk);
    if (key.ok()) set.keys_.push_back(*std::move(key));
  }
  if (set.keys_.empty()) {
    return absl::InvalidArgumentError("has no key for RS256, PS256, ES256 or EdDSA");
  }
  return set;
}

std::vector<const Key*> KeySet::Find(std::string_view id, Algorithm algorithm) const {
  std::vector<const Key*> found;
  for (const Key& key : keys_) {
    if (key.Fits(algorithm) && (id.empty() || key.id() == id)) found.push_back(&key);
  }
  if (found.size() > (id.empty() ? 1 : kMostOfOneId)) found.clear();
  return found;
}

}  // namespace usher::auth
