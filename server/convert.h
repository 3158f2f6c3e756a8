#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"
#include "directory/directory.h"
#include "invitations/invitations.h"
#include "model/organization_settings.h"
#include "organizations/organizations.h"
#include "usher/v1/invitation_service.pb.h"
#include "usher/v1/organization_directory.pb.h"
#include "usher/v1/resources.pb.h"
#include "usher/v1/user_directory.pb.h"

// Values of the domain as messages of the API; one overload for each resource.
namespace usher::server {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
usher::v1::SiteAccess ToProto(const model::SiteAccess& access);
usher::v1::Invitation ToProto(const invitations::Invitation& invitation);
usher::v1::InvitationPreview ToProto(const invitations::InvitationPreview& preview);
usher::v1::User ToProto(const directory::User& user);
usher::v1::Membership ToProto(const directory::Membership& membership);
usher::v1::DirectoryEntry ToProto(const directory::Entry& entry);
usher::v1::OrganizationSettings ToProto(const model::OrganizationSettings& settings);
usher::v1::Organization ToProto(const organizations::Organization& organization);
usher::v1::Site ToProto(const organizations::Site& site);
usher::v1::SiteGroup ToProto(const organizations::SiteGroup& group);

}  // namespace usher::server
