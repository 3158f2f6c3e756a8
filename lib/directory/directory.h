#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "model/access.h"
#include "model/caller.h"
#include "model/ids.h"
#include "model/invitation.h"
#include "model/role.h"
#include "model/site_access.h"
#include "pg/pool.h"

namespace usher::directory {

struct User {
  model::UserId id;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string locale;
  int64_t revision = 0;
  std::optional<absl::Time> last_access_time;
  absl::Time create_time;
  absl::Time update_time;
};

struct Membership {
  model::OrganizationId organization;
  std::string organization_name;
  User user;
  model::Role role{};
  model::SiteAccess access = model::SiteAccess::All();
  model::MembershipStatus status{};
  bool ended = false;  // Its end time has passed.
  std::map<std::string, std::string> metadata;
  std::optional<absl::Time> end_time;
  std::optional<model::InvitationId> invitation;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

// Numbered as in the API.
enum class EntryStatus : int16_t {
  kActive = 1,
  kSuspended = 2,
  kInvitePending = 3,
  kInviteExpired = 4,
  kInviteDeclined = 5,
};

// A row of the Users page: a member, or the open invitation of an address that has none.
struct Entry {
  std::optional<model::UserId> user;
  std::optional<model::InvitationId> invitation;
  std::string first_name;
  std::string last_name;
  std::string email;
  model::Role role{};
  model::SiteAccess access = model::SiteAccess::All();
  EntryStatus status{};
  std::optional<absl::Time> last_access_time;
  std::optional<absl::Time> expire_time;
  absl::Time create_time;
};

struct EntryCursor {
  absl::Time create_time;
  model::Uuid id;
};

struct UsersQuery {
  model::OrganizationId organization;
  std::vector<EntryStatus> statuses;
  std::vector<model::Role> roles;
  bool newest_first = false;
  std::optional<EntryCursor> after;
  int32_t page_size = 50;
};

struct UsersPage {
  std::vector<Entry> entries;
  std::optional<EntryCursor> next;
};

struct MembershipName {
  model::OrganizationId organization;
  // One of the two.
  std::optional<model::UserId> user;
  std::optional<std::string> email_key;
};

struct AccessQuestion {
  model::UserId user;
  model::OrganizationId organization;
  std::string permission;
  std::optional<model::SiteId> site;
};

// Who belongs where and what they may do; remembers nothing itself.
//
// Each method is one RPC. NOT_FOUND ORGANIZATION_NOT_FOUND also stands for "you are no member".
class Directory {
 public:
  explicit Directory(pg::Pool& db) : db_(db) {}

  // For holders of members.read, and for everybody their own.
  // NOT_FOUND MEMBERSHIP_NOT_FOUND when the user is no member.
  async::Task<absl::StatusOr<Membership>> GetMembership(const model::Call& call,
                                                        MembershipName name);

  // The membership that a change of the same call has made: no rights are asked for.
  async::Task<absl::StatusOr<Membership>> ReadMembership(const model::Call& call,
                                                         model::OrganizationId organization,
                                                         model::UserId user);

  // A page in the order of creation; rows that appear or vanish meanwhile disturb no other.
  async::Task<absl::StatusOr<UsersPage>> ListUsers(const model::Call& call, UsersQuery query);

  // For services, for holders of members.read, and for everybody about themselves. A user who is
  // no member is an answer, not an error.
  async::Task<absl::StatusOr<model::AccessDecision>> CheckAccess(const model::Call& call,
                                                                 AccessQuestion question);

 private:
  pg::Pool& db_;
};

}  // namespace usher::directory
