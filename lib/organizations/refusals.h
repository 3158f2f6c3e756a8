#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/ids.h"

// What the use cases of organizations, sites and site groups refuse with.
namespace usher::organizations {

// NOT_FOUND; what the caller may not see is refused in the same words.
absl::Status NoSuchSite();
absl::Status NoSuchSiteGroup();

// ALREADY_EXISTS.
absl::Status OrganizationExists();
absl::Status SiteExists();
absl::Status SiteGroupExists();
// Likewise for a status of the database that says so of a name; any other as it is.
absl::Status NameTaken(const absl::Status& status);

// ABORTED ETAG_MISMATCH.
absl::Status ChangedSince(std::string_view noun);

// FAILED_PRECONDITION SITE_IN_USE, with how many memberships, invitations and so on name it.
absl::Status InUse(std::string_view noun,
                   const std::vector<std::pair<std::string, int64_t>>& users);

// INVALID_ARGUMENT naming each position of `given` that holds an unknown site, as `field[i]`.
absl::Status UnknownSites(std::string_view field, const std::vector<model::SiteId>& given,
                          const std::vector<model::SiteId>& unknown);

}  // namespace usher::organizations
