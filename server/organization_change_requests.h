#pragma once

#include "absl/status/statusor.h"
#include "organizations/organizations.h"
#include "usher/v1/organization_directory.pb.h"

// Requests that change or delete organizations, sites and site groups as values of the domain.
// INVALID_ARGUMENT with every field that is wrong.
namespace usher::server {

struct OrganizationDeletion {
  model::OrganizationId organization;
  std::optional<int64_t> revision;
};

absl::StatusOr<organizations::OrganizationUpdate> Read(
    const usher::v1::UpdateOrganizationRequest& request);
absl::StatusOr<OrganizationDeletion> Read(const usher::v1::DeleteOrganizationRequest& request);
absl::StatusOr<organizations::SiteUpdate> Read(const usher::v1::UpdateSiteRequest& request);
absl::StatusOr<organizations::SiteDeletion> Read(const usher::v1::DeleteSiteRequest& request);
absl::StatusOr<organizations::SiteGroupUpdate> Read(
    const usher::v1::UpdateSiteGroupRequest& request);
absl::StatusOr<organizations::SiteGroupDeletion> Read(
    const usher::v1::DeleteSiteGroupRequest& request);

}  // namespace usher::server
