#include "server/organization_change_requests.h"

#include "server/fields.h"
#include "server/organization_fields.h"
#include "server/organization_settings.h"
#include "server/update_mask.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

// What all changes have.
template <class Change, class Request>
Change ReadChange(Fields& fields, const Request& request) {
  Change change;
  change.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  change.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  return change;
}

template <class Change, class Request>
Change ReadSiteChange(Fields& fields, const Request& request) {
  auto change = ReadChange<Change>(fields, request);
  change.site = fields.ReadId<model::SiteId>("site_id", request.site_id());
  return change;
}

template <class Change, class Request>
Change ReadSiteGroupChange(Fields& fields, const Request& request) {
  auto change = ReadChange<Change>(fields, request);
  change.site_group = fields.ReadId<model::SiteGroupId>("site_group_id", request.site_group_id());
  return change;
}

template <class T>
absl::StatusOr<T> Checked(const Fields& fields, T value) {
  if (auto status = fields.Check(); !status.ok()) return status;
  return value;
}

}  // namespace

absl::StatusOr<organizations::OrganizationUpdate> Read(
    const v1::UpdateOrganizationRequest& request) {
  Fields fields;
  auto update = ReadChange<organizations::OrganizationUpdate>(fields, request);
  std::vector<std::string_view> changeable{"name", "settings"};
  for (const std::string_view path : SettingPaths()) changeable.push_back(path);
  const UpdateMask mask(fields, request.update_mask(), changeable);
  const v1::Organization& organization = request.organization();
  if (mask.Names("name", !organization.name().empty())) {
    update.name = fields.ReadText("organization.name", organization.name(), kOrganizationName);
  }
  update.changed_settings = ChangedSettings(mask, organization.settings());
  if (!update.changed_settings.empty()) {
    update.settings = ReadSettings(fields, "organization.settings.", organization.settings());
  }
  return Checked(fields, std::move(update));
}

absl::StatusOr<OrganizationDeletion> Read(const v1::DeleteOrganizationRequest& request) {
  Fields fields;
  auto deletion = ReadChange<OrganizationDeletion>(fields, request);
  return Checked(fields, std::move(deletion));
}

absl::StatusOr<organizations::SiteUpdate> Read(const v1::UpdateSiteRequest& request) {
  Fields fields;
  auto update = ReadSiteChange<organizations::SiteUpdate>(fields, request);
  const v1::Site& site = request.site();
  const UpdateMask mask(fields, request.update_mask(),
                        {"name", "description", "address", "labels"});
  if (mask.Names("name", !site.name().empty())) {
    update.name = fields.ReadText("site.name", site.name(), kOrganizationName);
  }
  if (mask.Names("description", !site.description().empty())) {
    update.description = fields.ReadText("site.description", site.description(), kDescription);
  }
  if (mask.Names("address", !site.address().empty())) {
    update.address = fields.ReadText("site.address", site.address(), kAddress);
  }
  if (mask.Names("labels", !site.labels().empty())) {
    update.labels = fields.ReadMap("site.labels", site.labels());
  }
  return Checked(fields, std::move(update));
}

absl::StatusOr<organizations::SiteDeletion> Read(const v1::DeleteSiteRequest& request) {
  Fields fields;
  auto deletion = ReadSiteChange<organizations::SiteDeletion>(fields, request);
  return Checked(fields, std::move(deletion));
}

absl::StatusOr<organizations::SiteGroupUpdate> Read(const v1::UpdateSiteGroupRequest& request) {
  Fields fields;
  auto update = ReadSiteGroupChange<organizations::SiteGroupUpdate>(fields, request);
  const v1::SiteGroup& group = request.site_group();
  const UpdateMask mask(fields, request.update_mask(), {"name", "description"});
  if (mask.Names("name", !group.name().empty())) {
    update.name = fields.ReadText("site_group.name", group.name(), kOrganizationName);
  }
  if (mask.Names("description", !group.description().empty())) {
    update.description =
        fields.ReadText("site_group.description", group.description(), kDescription);
  }
  return Checked(fields, std::move(update));
}

absl::StatusOr<organizations::SiteGroupDeletion> Read(const v1::DeleteSiteGroupRequest& request) {
  Fields fields;
  auto deletion = ReadSiteGroupChange<organizations::SiteGroupDeletion>(fields, request);
  return Checked(fields, std::move(deletion));
}

}  // namespace usher::server
