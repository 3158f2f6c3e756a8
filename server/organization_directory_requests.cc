#include "server/organization_directory_requests.h"

#include <algorithm>

#include "server/fields.h"
#include "server/organization_fields.h"
#include "server/organization_settings.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr int kMostSitesOfGroup = 10'000;

// A user becomes the first Super User; a service names one.
void ReadFirstSuperUser(Fields& fields, const v1::CreateOrganizationRequest& request,
                        const model::Caller& caller, organizations::NewOrganization& draft) {
  if (caller.kind == model::Caller::Kind::kUser) {
    if (request.has_first_super_user()) {
      fields.Add("first_super_user", "is for services: a user becomes the first Super User");
    }
    return;
  }
  const v1::FirstSuperUser& person = request.first_super_user();
  auto email = fields.ReadEmail("first_super_user.email", person.email());
  std::string first_name = fields.ReadFirstName("first_super_user.first_name", person.first_name());
  std::string last_name = fields.ReadLastName("first_super_user.last_name", person.last_name());
  if (!email) return;
  draft.first_super_user =
      organizations::FirstSuperUser{*std::move(email), std::move(first_name), std::move(last_name)};
}

template <class Repeated>
std::vector<model::SiteId> ReadSites(Fields& fields, const std::string& field,
                                     const Repeated& texts) {
  auto sites = fields.ReadIds<model::SiteId>(field, texts, kMostSitesOfGroup);
  auto sorted = sites;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    fields.Add(field, "must name each site once");
  }
  return sites;
}

}  // namespace

absl::StatusOr<organizations::NewOrganization> Read(const v1::CreateOrganizationRequest& request,
                                                    const model::Caller& caller) {
  Fields fields;
  organizations::NewOrganization draft;
  draft.name =
      fields.ReadText("organization.name", request.organization().name(), kOrganizationName);
  const v1::OrganizationSettings& settings = request.organization().settings();
  draft.settings = ReadSettings(fields, "organization.settings.", settings);
  ReadFirstSuperUser(fields, request, caller, draft);
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return draft;
}

absl::StatusOr<organizations::NewSite> Read(const v1::CreateSiteRequest& request) {
  Fields fields;
  const v1::Site& site = request.site();
  organizations::NewSite draft;
  draft.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  draft.name = fields.ReadText("site.name", site.name(), kOrganizationName);
  draft.description = fields.ReadText("site.description", site.description(), kDescription);
  draft.address = fields.ReadText("site.address", site.address(), kAddress);
  draft.labels = fields.ReadMap("site.labels", site.labels());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return draft;
}

absl::StatusOr<organizations::NewSiteGroup> Read(const v1::CreateSiteGroupRequest& request) {
  Fields fields;
  const v1::SiteGroup& group = request.site_group();
  organizations::NewSiteGroup draft;
  draft.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  draft.name = fields.ReadText("site_group.name", group.name(), kOrganizationName);
  draft.description = fields.ReadText("site_group.description", group.description(), kDescription);
  draft.sites = ReadSites(fields, "site_group.site_ids", group.site_ids());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return draft;
}

absl::StatusOr<organizations::SiteGroupSites> Read(const v1::SetSiteGroupSitesRequest& request) {
  Fields fields;
  organizations::SiteGroupSites change;
  change.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  change.site_group = fields.ReadId<model::SiteGroupId>("site_group_id", request.site_group_id());
  change.sites = ReadSites(fields, "site_ids", request.site_ids());
  change.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return change;
}

}  // namespace usher::server
