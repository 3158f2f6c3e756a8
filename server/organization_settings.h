#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/organization_settings.h"
#include "server/fields.h"
#include "server/update_mask.h"
#include "usher/v1/resources.pb.h"

namespace usher::server {

// The settings as the message has them; what it leaves unset is the default. Fields are named with
// `prefix` before them.
model::OrganizationSettings ReadSettings(Fields& fields, const std::string& prefix,
                                         const usher::v1::OrganizationSettings& settings);

// "settings.invitation_lifetime" and so on: every setting as a path of an update mask.
std::vector<std::string_view> SettingPaths();
// The names of the settings that an update changes.
std::vector<std::string> ChangedSettings(const UpdateMask& mask,
                                         const usher::v1::OrganizationSettings& settings);

}  // namespace usher::server
