#include "organizations/refusals.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "pg/errors.h"

namespace usher::organizations {

using absl::StatusCode;
using model::Reason;

absl::Status NoSuchSite() {
  return model::Refuse(StatusCode::kNotFound, Reason::kSiteNotFound,
                       "The organization has no such site, or not for you.");
}

absl::Status NoSuchSiteGroup() {
  return model::Refuse(StatusCode::kNotFound, Reason::kSiteGroupNotFound,
                       "The organization has no such site group, or not for you.");
}

absl::Status OrganizationExists() {
  return model::Refuse(StatusCode::kAlreadyExists, Reason::kOrganizationExists,
                       "An organization of that name exists; names differ in more than case.");
}

absl::Status SiteExists() {
  return model::Refuse(StatusCode::kAlreadyExists, Reason::kSiteExists,
                       "The organization has a site of that name.");
}

absl::Status SiteGroupExists() {
  return model::Refuse(StatusCode::kAlreadyExists, Reason::kSiteGroupExists,
                       "The organization has a site group of that name.");
}

absl::Status NameTaken(const absl::Status& status) {
  const std::string constraint = pg::ConstraintOf(status);
  if (constraint == "organizations_name_key") return OrganizationExists();
  if (constraint == "sites_name_key") return SiteExists();
  if (constraint == "site_groups_name_key") return SiteGroupExists();
  return status;
}

absl::Status ChangedSince(std::string_view noun) {
  return model::Refuse(
      StatusCode::kAborted, Reason::kEtagMismatch,
      absl::StrCat("The ", std::string(noun), " was changed since it was read; read it again."));
}

absl::Status InUse(std::string_view noun,
                   const std::vector<std::pair<std::string, int64_t>>& users) {
  model::Refusal refusal;
  refusal.reason = Reason::kSiteInUse;
  for (const auto& [kind, count] : users) {
    refusal.metadata.emplace_back(kind, absl::StrCat(count));
  }
  return model::Refuse(StatusCode::kFailedPrecondition, refusal,
                       absl::StrCat("The ", std::string(noun), " is in use."));
}

absl::Status UnknownSites(std::string_view field, const std::vector<model::SiteId>& given,
                          const std::vector<model::SiteId>& unknown) {
  model::Violations violations;
  for (size_t i = 0; i < given.size(); ++i) {
    if (std::find(unknown.begin(), unknown.end(), given[i]) != unknown.end()) {
      violations.Add(absl::StrCat(std::string(field), "[", i, "]"),
                     "is no site of this organization");
    }
  }
  return violations.ToStatus();
}

}  // namespace usher::organizations
