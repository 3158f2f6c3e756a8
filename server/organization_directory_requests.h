#pragma once

#include "absl/status/statusor.h"
#include "model/caller.h"
#include "organizations/organizations.h"
#include "usher/v1/organization_directory.pb.h"

// Requests of OrganizationDirectory as values of the domain. INVALID_ARGUMENT with every field that
// is wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

absl::StatusOr<organizations::NewOrganization> Read(
    const usher::v1::CreateOrganizationRequest& request, const model::Caller& caller);
absl::StatusOr<organizations::NewSite> Read(const usher::v1::CreateSiteRequest& request);
absl::StatusOr<organizations::NewSiteGroup> Read(const usher::v1::CreateSiteGroupRequest& request);
absl::StatusOr<organizations::SiteGroupSites> Read(
    const usher::v1::SetSiteGroupSitesRequest& request);

}  // namespace usher::server
