#include "auth/token_cache.h"

#include <utility>

#include "auth/key_source.h"

namespace usher::auth {

std::shared_ptr<const Subject> TokenCache::Find(const std::string& digest, absl::Time now) {
  auto found = young_.find(digest);
  if (found == young_.end()) {
    auto old = old_.extract(digest);
    if (old.empty()) return nullptr;
    Add(digest, std::move(old.mapped()));
    found = young_.find(digest);
  }
  const Entry& entry = found->second;
  if (now < entry.subject->expire_time && entry.source->keys() == entry.keys) {
    return entry.subject;
  }
  young_.erase(found);
  return nullptr;
}

void TokenCache::Add(const std::string& digest, Entry entry) {
  if (young_.size() >= half_) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(digest, std::move(entry));
}

}  // namespace usher::auth
