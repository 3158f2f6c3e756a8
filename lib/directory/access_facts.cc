#include "directory/access_facts.h"

#include <algorithm>

namespace usher::directory {
namespace {

using Kind = model::SiteAccess::Kind;

bool Contains(const model::SiteAccess& access, model::SiteId site, const SiteFacts& facts) {
  switch (access.kind()) {
    case Kind::kAllSites:
      return true;
    case Kind::kSiteGroups:
      return std::ranges::any_of(facts.groups, [&](const model::SiteGroupId& group) {
        return std::ranges::binary_search(access.groups(), group);
      });
    default:
      return std::ranges::binary_search(access.sites(), site);
  }
}

}  // namespace

model::AccessDecision Decide(const std::optional<MemberFacts>& member,
                             std::optional<model::SiteId> site, const SiteFacts& site_facts,
                             absl::Time now, std::string_view permission) {
  model::AccessFacts facts;
  facts.site_asked = site.has_value();
  facts.site_exists = site_facts.exists;
  if (member) {
    facts.role = member->role;
    facts.ended = member->end_time && *member->end_time <= now;
    facts.suspended = member->status == model::MembershipStatus::kSuspended;
    facts.all_sites = member->access.kind() == Kind::kAllSites;
    facts.site_in_access = site && Contains(member->access, *site, site_facts);
  }
  return model::Decide(facts, permission);
}

}  // namespace usher::directory
