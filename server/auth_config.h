#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "auth/config.h"

namespace usher::server {

// Reads the file of --auth_config: an usher.config.v1.AuthConfig in text format. INVALID_ARGUMENT
// names the file, and for each problem line and column: `auth.conf:3:5: …`.
absl::StatusOr<auth::Config> LoadAuthConfig(const std::string& path);

}  // namespace usher::server
