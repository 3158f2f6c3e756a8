#pragma once

#include <string>

#include "model/organization_settings.h"
#include "server/fields.h"
#include "usher/v1/resources.pb.h"

namespace usher::server {

// The settings as the message has them; what it leaves unset is the default. Fields are named with
// `prefix` before them.
model::OrganizationSettings ReadSettings(Fields& fields, const std::string& prefix,
                                         const usher::v1::OrganizationSettings& settings);

}  // namespace usher::server
