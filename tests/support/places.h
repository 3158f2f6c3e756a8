#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {

// What the tests of organizations, sites and site groups share: short names for the calls, by Ann
// unless another is named.
class PlacesTest : public testing::Test {
 protected:
  using Caller = std::optional<model::UserId>;
  template <class T>
  using Answer = absl::StatusOr<organizations::Changed<T>>;

  model::UserId Join(const std::string& email, model::Role role, const model::SiteAccess& access) {
    auto draft = world.Draft(email);
    draft.role = role;
    draft.access = access;
    return world.Join(draft);
  }
  absl::StatusOr<invitations::CreatedInvitation> Invite(const std::string& email,
                                                        const model::SiteAccess& access) {
    auto draft = world.Draft(email);
    draft.access = access;
    return world.Invite(std::move(draft));
  }
  Answer<organizations::Organization> Update(organizations::OrganizationUpdate update) {
    return UpdateBy(world.ann, update);
  }
  Answer<organizations::Organization> UpdateBy(Caller caller,
                                               organizations::OrganizationUpdate update) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.Update(call, std::move(update)));
  }
  Answer<organizations::Site> UpdateSite(organizations::SiteUpdate update) {
    return UpdateSiteBy(world.ann, update);
  }
  Answer<organizations::Site> UpdateSiteBy(Caller caller, organizations::SiteUpdate update) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.UpdateSite(call, std::move(update)));
  }
  Answer<organizations::SiteGroup> UpdateGroup(organizations::SiteGroupUpdate update) {
    return UpdateGroupBy(world.ann, update);
  }
  Answer<organizations::SiteGroup> UpdateGroupBy(Caller caller,
                                                 organizations::SiteGroupUpdate update) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.UpdateSiteGroup(call, std::move(update)));
  }
  absl::StatusOr<std::string> DeleteSite(model::SiteId site) {
    return DeleteSiteBy(world.ann, site);
  }
  absl::StatusOr<std::string> DeleteSiteBy(Caller caller, model::SiteId site) {
    const model::Call call = world.CallBy(caller);
    organizations::SiteDeletion deletion{world.acme, site, std::nullopt};
    return world.Wait(world.organizations.DeleteSite(call, std::move(deletion)));
  }
  absl::StatusOr<std::string> DeleteGroup(model::SiteGroupId group) {
    return DeleteGroupBy(world.ann, group);
  }
  absl::StatusOr<std::string> DeleteGroupBy(Caller caller, model::SiteGroupId group) {
    const model::Call call = world.CallBy(caller);
    organizations::SiteGroupDeletion deletion{world.acme, group, std::nullopt};
    return world.Wait(world.organizations.DeleteSiteGroup(call, std::move(deletion)));
  }
  absl::StatusOr<organizations::DeletedOrganization> Delete(model::OrganizationId organization) {
    return DeleteBy(world.ann, organization);
  }
  absl::StatusOr<organizations::DeletedOrganization> DeleteBy(
      Caller caller, model::OrganizationId organization,
      std::optional<int64_t> revision = std::nullopt) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.organizations.Delete(call, organization, revision));
  }
  // "before → after" of each event of a type.
  std::vector<std::string> Events(const std::string& type) const {
    return world.database.Query(
        absl::StrCat("SELECT concat(before, ' → ', after) FROM usher.events WHERE type = '", type,
                     "' ORDER BY sequence"));
  }

  World world;
};

// What a refusal says about `key`.
inline std::string Metadata(const absl::Status& status, std::string_view key) {
  const auto refusal = model::RefusalOf(status);
  if (!refusal) return "";
  for (const auto& [name, value] : refusal->metadata) {
    if (name == key) return value;
  }
  return "";
}

}  // namespace usher::test
