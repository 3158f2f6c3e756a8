#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/ids.h"
#include "model/invitation.h"
#include "model/role.h"
#include "model/site_access.h"

namespace usher::model {

// An account at an identity provider.
struct Identity {
  std::string issuer;
  std::string subject;

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

// A person, once, whatever organizations they belong to.
struct User {
  UserId id;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string locale;
  int64_t revision = 0;
  std::optional<absl::Time> last_access_time;
  absl::Time create_time;
  absl::Time update_time;
  // Told where a user as such is read, to the user and to services.
  std::vector<Identity> identities;
};

// A user in an organization.
struct Membership {
  OrganizationId organization;
  std::string organization_name;
  User user;
  Role role{};
  SiteAccess access = SiteAccess::All();
  MembershipStatus status{};
  bool ended = false;  // Its end time has passed.
  std::map<std::string, std::string> metadata;
  std::optional<absl::Time> end_time;
  std::optional<InvitationId> invitation;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

}  // namespace usher::model
