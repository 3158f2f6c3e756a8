#pragma once

#include "model/token.h"
#include "organizations/organizations.h"
#include "server/registry.h"
#include "usher/v1/organization_directory.grpc.pb.h"

namespace usher::server {

// usher.v1.OrganizationDirectory on one lane: requests to use cases, answers to responses.
class OrganizationDirectoryService {
 public:
  OrganizationDirectoryService(organizations::Organizations& organizations,
                               const model::TokenKeys& keys, bool allow_self_service)
      : organizations_(organizations), keys_(keys), allow_self_service_(allow_self_service) {}

  void Serve(Registry& registry,
             ByteService<usher::v1::OrganizationDirectory::AsyncService>& service);

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

  // In organization_changes.cc.
  async::Task<absl::Status> UpdateOrganization(CallContext& context,
                                               const usher::v1::UpdateOrganizationRequest& request,
                                               usher::v1::UpdateOrganizationResponse* response);
  async::Task<absl::Status> DeleteOrganization(CallContext& context,
                                               const usher::v1::DeleteOrganizationRequest& request,
                                               usher::v1::DeleteOrganizationResponse* response);
  async::Task<absl::Status> UpdateSite(CallContext& context,
                                       const usher::v1::UpdateSiteRequest& request,
                                       usher::v1::UpdateSiteResponse* response);
  async::Task<absl::Status> DeleteSite(CallContext& context,
                                       const usher::v1::DeleteSiteRequest& request,
                                       usher::v1::DeleteSiteResponse* response);
  async::Task<absl::Status> UpdateSiteGroup(CallContext& context,
                                            const usher::v1::UpdateSiteGroupRequest& request,
                                            usher::v1::UpdateSiteGroupResponse* response);
  async::Task<absl::Status> DeleteSiteGroup(CallContext& context,
                                            const usher::v1::DeleteSiteGroupRequest& request,
                                            usher::v1::DeleteSiteGroupResponse* response);

  // In organization_reads.cc.
  async::Task<absl::Status> GetOrganization(CallContext& context,
                                            const usher::v1::GetOrganizationRequest& request,
                                            usher::v1::GetOrganizationResponse* response);
  async::Task<absl::Status> ListOrganizations(CallContext& context,
                                              const usher::v1::ListOrganizationsRequest& request,
                                              usher::v1::ListOrganizationsResponse* response);
  async::Task<absl::Status> GetSite(CallContext& context, const usher::v1::GetSiteRequest& request,
                                    usher::v1::GetSiteResponse* response);
  async::Task<absl::Status> ListSites(CallContext& context,
                                      const usher::v1::ListSitesRequest& request,
                                      usher::v1::ListSitesResponse* response);
  async::Task<absl::Status> GetSiteGroup(CallContext& context,
                                         const usher::v1::GetSiteGroupRequest& request,
                                         usher::v1::GetSiteGroupResponse* response);
  async::Task<absl::Status> ListSiteGroups(CallContext& context,
                                           const usher::v1::ListSiteGroupsRequest& request,
                                           usher::v1::ListSiteGroupsResponse* response);

  organizations::Organizations& organizations_;
  const model::TokenKeys& keys_;
  const bool allow_self_service_;  // Whether someone without an account may found an organization.
};

}  // namespace usher::server
