#include "directory/access_copy.h"

#include <utility>

namespace usher::directory {
namespace {

using Mode = model::Consistency::Mode;

// Readings whose transactions have not all ended yet. More of them only tell the time more exactly.
constexpr size_t kMostMarks = 256;

// The last transaction of which a reader up to `position` has all events.
uint64_t CompleteXact(model::Position position) {
  if (position.sequence == model::Position::kEnd || position.xact == 0) return position.xact;
  return position.xact - 1;
}

}  // namespace

AccessCopy::Organization* AccessCopy::Generation::Find(model::OrganizationId organization) {
  const auto found = organizations.find(organization);
  return found == organizations.end() ? nullptr : &found->second;
}

void AccessCopy::Generation::Forget(const Outdated& outdated) {
  Organization* const organization = Find(outdated.organization);
  if (organization == nullptr) return;
  switch (outdated.what) {
    case Outdated::What::kMember:
      size -= organization->members.erase(outdated.user);
      break;
    case Outdated::What::kSites:
      size -= std::exchange(organization->sites, {}).size();
      break;
    case Outdated::What::kOrganization:
      size -= organization->members.size() + organization->sites.size();
      organizations.erase(outdated.organization);
      break;
  }
}

void AccessCopy::Clear() {
  young_ = {};
  old_ = {};
  marks_.clear();
  fresh_at_.reset();
}

void AccessCopy::Read(const LogReading& reading) {
  if (reading.server != server_ || reading.after != upto_) Clear();
  server_ = reading.server;
  upto_ = reading.upto;
  time_ = reading.time;
  asked_at_ = reading.asked_at;
  for (const Outdated& outdated : reading.outdated) {
    young_.Forget(outdated);
    old_.Forget(outdated);
  }
  if (marks_.size() < kMostMarks) marks_.push_back({reading.next_xact, reading.asked_at});
  while (!marks_.empty() && marks_.front().next_xact <= CompleteXact(upto_) + 1) {
    fresh_at_ = marks_.front().at;
    marks_.pop_front();
  }
}

bool AccessCopy::MayKeep(const FactsSource& source) const {
  return fresh_at_ && source.server == server_ && source.position >= upto_;
}

template <class Key, class Value>
void AccessCopy::Put(model::OrganizationId organization, const Key& key, Value value,
                     absl::flat_hash_map<Key, Value> Organization::*part) {
  if (young_.size >= most_ / 2) old_ = std::exchange(young_, {});
  auto& values = young_.organizations[organization].*part;
  const bool added = values.insert_or_assign(key, std::move(value)).second;
  if (added) ++young_.size;
}

template <class Key, class Value>
const Value* AccessCopy::Find(model::OrganizationId organization, const Key& key,
                              absl::flat_hash_map<Key, Value> Organization::*part) {
  for (Generation* generation : {&young_, &old_}) {
    Organization* const place = generation->Find(organization);
    if (place == nullptr) continue;
    const auto found = (place->*part).find(key);
    if (found == (place->*part).end()) continue;
    if (generation == &young_) return &found->second;
    Value moved = std::move(found->second);
    (place->*part).erase(found);
    --old_.size;
    Put(organization, key, std::move(moved), part);
    return &(young_.Find(organization)->*part).find(key)->second;
  }
  return nullptr;
}

void AccessCopy::Keep(const FactsSource& source, model::OrganizationId organization,
                      model::UserId user, const std::optional<MemberFacts>& member) {
  if (MayKeep(source)) Put(organization, user, member, &Organization::members);
}

void AccessCopy::Keep(const FactsSource& source, model::OrganizationId organization,
                      model::SiteId site, const SiteFacts& facts) {
  if (MayKeep(source)) Put(organization, site, facts, &Organization::sites);
}

bool AccessCopy::IsFresh(const model::Consistency& consistency) const {
  if (!fresh_at_ || clock_() - *fresh_at_ > kBound) return false;
  return consistency.mode != Mode::kAtLeast || consistency.at_least <= upto_;
}

std::optional<model::AccessDecision> AccessCopy::Decide(model::OrganizationId organization,
                                                        model::UserId user,
                                                        std::optional<model::SiteId> site,
                                                        std::string_view permission,
                                                        const model::Consistency& consistency) {
  if (consistency.mode == Mode::kFullyConsistent) return std::nullopt;
  if (!IsFresh(consistency)) {
    told_(Outcome::kTooOld);
    return std::nullopt;
  }
  const auto* member = Find(organization, user, &Organization::members);
  const SiteFacts none;
  const SiteFacts* place = site ? Find(organization, *site, &Organization::sites) : &none;
  if (member == nullptr || place == nullptr) {
    told_(Outcome::kUnknown);
    return std::nullopt;
  }
  told_(Outcome::kAnswered);
  const absl::Time now = time_ + absl::FromChrono(clock_() - asked_at_);
  return directory::Decide(*member, site, *place, now, permission);
}

}  // namespace usher::directory
