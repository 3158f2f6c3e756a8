#pragma once

#include "absl/status/statusor.h"
#include "organizations/organizations.h"
#include "usher/v1/organization_directory.pb.h"

// Requests that read organizations, sites and site groups as values of the domain. INVALID_ARGUMENT
// with every field that is wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

struct SiteName {
  model::OrganizationId organization;
  model::SiteId site;
};

struct SiteGroupName {
  model::OrganizationId organization;
  model::SiteGroupId site_group;
};

// What has the form of an id is one; anything else is a name.
absl::StatusOr<organizations::OrganizationName> Read(
    const usher::v1::GetOrganizationRequest& request);
absl::StatusOr<organizations::OrganizationsQuery> Read(
    const usher::v1::ListOrganizationsRequest& request);
absl::StatusOr<SiteName> Read(const usher::v1::GetSiteRequest& request);
absl::StatusOr<organizations::SitesQuery> Read(const usher::v1::ListSitesRequest& request);
absl::StatusOr<SiteGroupName> Read(const usher::v1::GetSiteGroupRequest& request);
absl::StatusOr<organizations::SiteGroupsQuery> Read(
    const usher::v1::ListSiteGroupsRequest& request);

}  // namespace usher::server
