#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "model/caller.h"
#include "model/email.h"
#include "model/ids.h"
#include "pg/pool.h"

namespace usher::organizations {

using Labels = std::map<std::string, std::string>;

struct Organization {
  model::OrganizationId id;
  std::string name;
  absl::Duration invitation_lifetime;
  std::string default_locale;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

struct Site {
  model::OrganizationId organization;
  model::SiteId id;
  std::string name;
  std::string description;
  std::string address;
  Labels labels;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

struct SiteGroup {
  model::OrganizationId organization;
  model::SiteGroupId id;
  std::string name;
  std::string description;
  std::vector<model::SiteId> sites;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

// What a change made, and the position at which it committed.
template <class T>
struct Changed {
  T value;
  std::string position;
};

// The person who becomes the first Super User of a new organization.
struct FirstSuperUser {
  model::Email email;
  std::string first_name;
  std::string last_name;
};

struct NewOrganization {
  std::string name;
  absl::Duration invitation_lifetime;
  std::string default_locale;
  // None: the calling user.
  std::optional<FirstSuperUser> first_super_user;
};

struct NewSite {
  model::OrganizationId organization;
  std::string name;
  std::string description;
  std::string address;
  Labels labels;
};

struct NewSiteGroup {
  model::OrganizationId organization;
  std::string name;
  std::string description;
  std::vector<model::SiteId> sites;
};

struct SiteGroupSites {
  model::OrganizationId organization;
  model::SiteGroupId site_group;
  std::vector<model::SiteId> sites;
  std::optional<int64_t> revision;  // The etag's; none to overwrite whatever is there.
};

// Organizations with their sites and site groups; remembers nothing itself.
//
// Each method is one RPC and one transaction; the caller's rights are checked in it. NOT_FOUND
// ORGANIZATION_NOT_FOUND stands for "does not exist" and "you are no member" alike.
class Organizations {
 public:
  Organizations(pg::Pool& db, model::IdSource& ids) : db_(db), ids_(ids) {}

  struct Created {
    Organization organization;
    model::UserId first_super_user;
    std::string position;
  };
  // Creates an organization together with its first Super User, who need not be known yet.
  // ALREADY_EXISTS ORGANIZATION_EXISTS: the name is taken, whatever its letter case.
  async::Task<absl::StatusOr<Created>> Create(const model::Call& call, NewOrganization draft);

  // ALREADY_EXISTS SITE_EXISTS: the organization has a site of that name.
  async::Task<absl::StatusOr<Changed<Site>>> CreateSite(const model::Call& call, NewSite draft);

  // ALREADY_EXISTS SITE_GROUP_EXISTS: likewise. INVALID_ARGUMENT: sites of another organization.
  async::Task<absl::StatusOr<Changed<SiteGroup>>> CreateSiteGroup(const model::Call& call,
                                                                  NewSiteGroup draft);

  // Replaces the sites of a group; the next access check sees it. An empty group is allowed.
  // NOT_FOUND SITE_GROUP_NOT_FOUND; ABORTED ETAG_MISMATCH: changed since it was read.
  async::Task<absl::StatusOr<Changed<SiteGroup>>> SetSiteGroupSites(const model::Call& call,
                                                                    SiteGroupSites change);

 private:
  pg::Pool& db_;
  model::IdSource& ids_;
};

}  // namespace usher::organizations
