#pragma once

#include "directory/directory.h"
#include "organizations/organizations.h"
#include "server/registry.h"
#include "usher/v1/organization_directory.grpc.pb.h"

namespace usher::server {

// usher.v1.OrganizationDirectory on one lane: requests to use cases, answers to responses.
class OrganizationDirectoryService {
 public:
  OrganizationDirectoryService(organizations::Organizations& organizations,
                               directory::Directory& directory)
      : organizations_(organizations), directory_(directory) {}

  void Serve(Registry& registry, usher::v1::OrganizationDirectory::AsyncService& service);

 private:
  async::Task<absl::Status> CreateOrganization(CallContext& context,
                                               const usher::v1::CreateOrganizationRequest& request,
                                               usher::v1::CreateOrganizationResponse* response);
  async::Task<absl::Status> CreateSite(CallContext& context,
                                       const usher::v1::CreateSiteRequest& request,
                                       usher::v1::CreateSiteResponse* response);
  async::Task<absl::Status> CreateSiteGroup(CallContext& context,
                                            const usher::v1::CreateSiteGroupRequest& request,
                                            usher::v1::CreateSiteGroupResponse* response);
  async::Task<absl::Status> SetSiteGroupSites(CallContext& context,
                                              const usher::v1::SetSiteGroupSitesRequest& request,
                                              usher::v1::SetSiteGroupSitesResponse* response);

  organizations::Organizations& organizations_;
  directory::Directory& directory_;
};

}  // namespace usher::server
