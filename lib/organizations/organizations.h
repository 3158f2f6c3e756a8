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
#include "model/organization_settings.h"
#include "pg/pool.h"

namespace usher::organizations {

using Labels = std::map<std::string, std::string>;

struct Organization {
  model::OrganizationId id;
  std::string name;
  model::OrganizationSettings settings;
  bool settings_visible = true;  // Whether the caller may know the settings.
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

// An organization by id or, without one, by its name's key.
struct OrganizationName {
  std::optional<model::OrganizationId> id;
  std::optional<std::string> name_key;
};

// How a list is ordered; rows that are equal in it follow by id.
struct Order {
  enum class By { kName, kCreateTime, kUpdateTime };
  By by = By::kName;
  bool descending = false;
};

// Where a page ends: what its last row is ordered by, in a form of the database's own, and its id.
struct Cursor {
  std::string key;
  model::Uuid id{};
};

struct Paging {
  Order order;
  std::optional<Cursor> after;
  int32_t page_size = 50;
  bool count = false;  // Whether to count what is on all pages.
};

template <class T>
struct Page {
  std::vector<T> rows;
  std::optional<Cursor> next;  // None on the last page.
  int64_t total = 0;
};

// A search finds its text anywhere in the name, and in what describes a site or a group.
struct OrganizationsQuery {
  std::string search;
  std::optional<absl::Time> created_from;
  std::optional<absl::Time> created_before;
  Paging paging;
};

struct SitesQuery {
  model::OrganizationId organization;
  std::optional<model::SiteGroupId> site_group;  // Only its sites.
  std::string search;
  Paging paging;
};

struct SiteGroupsQuery {
  model::OrganizationId organization;
  std::optional<model::SiteId> site;  // Only groups with it.
  std::string search;
  Paging paging;
};

// The person who becomes the first Super User of a new organization.
struct FirstSuperUser {
  model::Email email;
  std::string first_name;
  std::string last_name;
};

struct NewOrganization {
  std::string name;
  model::OrganizationSettings settings;
  // None: the calling user. One who calls without an account is named here, and gets it.
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

// Changes of what is there; of optional values, only those that are given are changed. `revision`
// is the etag's; none to overwrite whatever is there.
struct OrganizationUpdate {
  model::OrganizationId organization;
  std::optional<std::string> name;
  std::vector<std::string> changed_settings;  // By their names in the API.
  model::OrganizationSettings settings;
  std::optional<int64_t> revision;
};

struct SiteUpdate {
  model::OrganizationId organization;
  model::SiteId site;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> address;
  std::optional<Labels> labels;
  std::optional<int64_t> revision;
};

struct SiteGroupUpdate {
  model::OrganizationId organization;
  model::SiteGroupId site_group;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<int64_t> revision;
};

struct SiteDeletion {
  model::OrganizationId organization;
  model::SiteId site;
  std::optional<int64_t> revision;
};

struct SiteGroupDeletion {
  model::OrganizationId organization;
  model::SiteGroupId site_group;
  std::optional<int64_t> revision;
};

// What ended with an organization.
struct DeletedOrganization {
  std::string position;
  int64_t memberships_ended = 0;
  int64_t invitations_canceled = 0;
  int64_t mails_withdrawn = 0;
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
    bool user_added = false;  // Whether they were not known before.
    std::string email;
    std::string first_name;
    std::string last_name;
    std::string position;
  };
  // Creates an organization together with its first Super User, who need not be known yet.
  // ALREADY_EXISTS ORGANIZATION_EXISTS: the name is taken, whatever its letter case.
  async::Task<absl::StatusOr<Created>> Create(const model::Call& call, NewOrganization draft);

  // ALREADY_EXISTS ORGANIZATION_EXISTS; ABORTED ETAG_MISMATCH: changed since it was read.
  async::Task<absl::StatusOr<Changed<Organization>>> Update(const model::Call& call,
                                                            OrganizationUpdate update);

  // Deletes all of it but its events: memberships and pending invitations end, unsent mail is
  // withdrawn. Other organizations and the users stay. ABORTED ETAG_MISMATCH.
  async::Task<absl::StatusOr<DeletedOrganization>> Delete(const model::Call& call,
                                                          model::OrganizationId organization,
                                                          std::optional<int64_t> revision);

  // ALREADY_EXISTS SITE_EXISTS: the organization has a site of that name.
  async::Task<absl::StatusOr<Changed<Site>>> CreateSite(const model::Call& call, NewSite draft);

  // All but the name may also be changed by those who have sites.describe on the site.
  // NOT_FOUND SITE_NOT_FOUND; ALREADY_EXISTS SITE_EXISTS; ABORTED ETAG_MISMATCH.
  async::Task<absl::StatusOr<Changed<Site>>> UpdateSite(const model::Call& call, SiteUpdate update);

  // The position. FAILED_PRECONDITION SITE_IN_USE: members, pending invitations or groups have it.
  // NOT_FOUND SITE_NOT_FOUND; ABORTED ETAG_MISMATCH.
  async::Task<absl::StatusOr<std::string>> DeleteSite(const model::Call& call,
                                                      SiteDeletion deletion);

  // ALREADY_EXISTS SITE_GROUP_EXISTS: likewise. INVALID_ARGUMENT: sites of another organization.
  async::Task<absl::StatusOr<Changed<SiteGroup>>> CreateSiteGroup(const model::Call& call,
                                                                  NewSiteGroup draft);

  // NOT_FOUND SITE_GROUP_NOT_FOUND; ALREADY_EXISTS SITE_GROUP_EXISTS; ABORTED ETAG_MISMATCH.
  async::Task<absl::StatusOr<Changed<SiteGroup>>> UpdateSiteGroup(const model::Call& call,
                                                                  SiteGroupUpdate update);

  // The position; its sites stay. FAILED_PRECONDITION SITE_IN_USE: members or pending invitations
  // have it. NOT_FOUND SITE_GROUP_NOT_FOUND; ABORTED ETAG_MISMATCH.
  async::Task<absl::StatusOr<std::string>> DeleteSiteGroup(const model::Call& call,
                                                           SiteGroupDeletion deletion);

  // Replaces the sites of a group; the next access check sees it. An empty group is allowed.
  // NOT_FOUND SITE_GROUP_NOT_FOUND; ABORTED ETAG_MISMATCH: changed since it was read.
  async::Task<absl::StatusOr<Changed<SiteGroup>>> SetSiteGroupSites(const model::Call& call,
                                                                    SiteGroupSites change);

  // For members.
  async::Task<absl::StatusOr<Organization>> Get(const model::Call& call, OrganizationName name);

  // Those in which a user is an ACTIVE member; all for services.
  async::Task<absl::StatusOr<Page<Organization>>> List(const model::Call& call,
                                                       OrganizationsQuery query);

  // The sites on which the caller has sites.read: others seem not to be there.
  // NOT_FOUND SITE_NOT_FOUND.
  async::Task<absl::StatusOr<Site>> GetSite(const model::Call& call,
                                            model::OrganizationId organization, model::SiteId site);
  async::Task<absl::StatusOr<Page<Site>>> ListSites(const model::Call& call, SitesQuery query);

  // The groups for whoever has site_groups.read, if not organization-wide then those that the
  // caller's own site access names. NOT_FOUND SITE_GROUP_NOT_FOUND.
  async::Task<absl::StatusOr<SiteGroup>> GetSiteGroup(const model::Call& call,
                                                      model::OrganizationId organization,
                                                      model::SiteGroupId site_group);
  async::Task<absl::StatusOr<Page<SiteGroup>>> ListSiteGroups(const model::Call& call,
                                                              SiteGroupsQuery query);

 private:
  pg::Pool& db_;
  model::IdSource& ids_;
};

}  // namespace usher::organizations
