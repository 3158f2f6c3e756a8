#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "absl/time/time.h"
#include "auth/claims.h"
#include "auth/key_set.h"

namespace usher::auth {

class KeySource;

// Tokens that were found good, by their digest (see model::Digest), so that a caller's next call
// costs no signature.
//
// An entry is good until the token expires and only as long as its issuer's keys are those that
// verified it. Bounded: when it is full, what was not asked for since it was half full goes.
// Belongs to one lane.
class TokenCache {
 public:
  struct Entry {
    std::shared_ptr<const Subject> subject;
    const KeySource* source = nullptr;
    std::shared_ptr<const KeySet> keys;
  };

  explicit TokenCache(size_t capacity) : half_(capacity / 2) {}

  // Nothing for one that is not there or no longer good.
  std::shared_ptr<const Subject> Find(const std::string& digest, absl::Time now);
  void Add(const std::string& digest, Entry entry);

  size_t size() const { return young_.size() + old_.size(); }

 private:
  using Entries = std::unordered_map<std::string, Entry>;

  const size_t half_;
  Entries young_;
  Entries old_;
};

}  // namespace usher::auth
