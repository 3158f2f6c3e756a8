#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "directory/access.h"
#include "directory/access_copy.h"
#include "directory/access_times.h"
#include "directory/user_changes.h"
#include "model/access.h"
#include "model/caller.h"
#include "model/ids.h"
#include "model/invitation.h"
#include "model/list.h"
#include "model/membership.h"
#include "model/role.h"
#include "model/site_access.h"
#include "pg/pool.h"

namespace usher::directory {

using model::Membership;
using model::User;

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

// What is empty or none filters nothing.
struct UsersFilter {
  std::vector<EntryStatus> statuses;
  std::vector<model::Role> roles;
  std::string search;
  std::optional<model::SiteId> site;
  std::optional<model::SiteGroupId> site_group;
};

struct UsersQuery {
  model::OrganizationId organization;
  UsersFilter filter;
  model::OrderBy order{"last_name"};
  std::optional<model::ListCursor> after;
  int32_t page_size = 50;
  bool with_total = false;
};

struct UsersPage {
  std::vector<Entry> entries;
  std::optional<model::ListCursor> next;  // None on the last page.
  int32_t total = 0;
};

// What ListUsers can order by.
const std::vector<std::string_view>& UsersColumns();

struct MembershipName {
  model::OrganizationId organization;
  // One of the two.
  std::optional<model::UserId> user;
  std::optional<std::string> email_key;
};

// Who is asked for; one of the three.
struct UserName {
  std::optional<model::UserId> id;
  std::optional<std::string> email_key;
  std::optional<Identity> identity;
};

struct UserQuery {
  UserName name;
  std::optional<model::OrganizationId> organization;  // By which a user may see another one.
  bool with_memberships = false;
};

struct UserWithMemberships {
  User user;
  std::vector<Membership> memberships;  // In the order of organization names.
};

struct BatchUsersQuery {
  std::vector<UserName> names;  // Without identities.
  std::optional<model::OrganizationId> organization;
};

// As the API numbers them; ended is what the clock makes of the two others.
enum class MembershipFilterStatus : int16_t { kActive = 1, kSuspended = 2, kEnded = 3 };

// What is empty or none filters nothing.
struct MembershipsFilter {
  std::vector<MembershipFilterStatus> statuses;
  std::vector<model::Role> roles;
  std::optional<model::SiteId> site;
  std::optional<model::SiteGroupId> site_group;
};

struct MembershipsQuery {
  // One of the two.
  std::optional<model::OrganizationId> organization;
  std::optional<UserName> user;
  MembershipsFilter filter;
  model::OrderBy order{"create_time"};
  std::optional<model::ListCursor> after;
  int32_t page_size = 50;
  bool with_total = false;
};

struct MembershipsPage {
  std::vector<Membership> memberships;
  std::optional<model::ListCursor> next;  // None on the last page.
  int32_t total = 0;
};

// What ListMemberships can order by.
std::vector<std::string_view> MembershipsColumns(bool of_user);

// A user after a change, and the position at which that committed.
struct ChangedUser {
  User user;
  bool created = false;
  std::string position;
};

// A membership to be changed.
struct MembershipChange {
  MembershipName name;
  std::optional<int64_t> revision;  // The etag's; none to overwrite whatever is there.
};

// What is none stays as it is.
struct MembershipUpdate {
  MembershipName name;
  std::optional<int64_t> revision;
  std::optional<model::Role> role;
  std::optional<model::SiteAccess> access;
  std::optional<std::map<std::string, std::string>> metadata;
  bool sets_end_time = false;
  std::optional<absl::Time> end_time;  // With sets_end_time; none takes the end away.
};

// A membership after a change (or before its end), and the position at which that committed.
struct ChangedMembership {
  Membership membership;
  std::string position;
};

struct BatchRevocation {
  model::OrganizationId organization;
  std::vector<MembershipName> names;
};

struct BatchRevoked {
  std::vector<absl::StatusOr<Membership>> results;  // One for each name, in their order.
  std::string position;                             // Empty when nothing was revoked.
};

struct FactsRow;

// Who belongs where and what they may do; remembers nothing itself.
//
// Each method is one RPC. NOT_FOUND ORGANIZATION_NOT_FOUND also stands for "you are no member".
class Directory {
 public:
  // With `copy`, access checks are answered from memory where their consistency allows it.
  Directory(pg::Pool& db, model::IdSource& ids, AccessCopy* copy = nullptr)
      : db_(db), ids_(ids), access_times_(db), copy_(copy) {}

  // For holders of members.read, and for everybody their own.
  // NOT_FOUND MEMBERSHIP_NOT_FOUND when the user is no member.
  async::Task<absl::StatusOr<Membership>> GetMembership(const model::Call& call,
                                                        MembershipName name);

  // The memberships of these users, as far as there are any, in no order. Only for users of whom
  // the same call was told before: no rights are asked for.
  async::Task<absl::StatusOr<std::vector<Membership>>> ReadMemberships(
      const model::Call& call, model::OrganizationId organization,
      std::vector<model::UserId> users);

  // The changes of memberships. All need members.write, but for leaving, and are refused with
  // NOT_FOUND MEMBERSHIP_NOT_FOUND; ABORTED ETAG_MISMATCH; FAILED_PRECONDITION LAST_SUPER_USER when
  // the organization would be left without an ACTIVE Super User who has no end time, whoever else
  // changes what at the same time. What is so already is OK, writes nothing and is no event.

  // INVALID_ARGUMENT: unknown sites or groups, or an end time that is not in the future.
  async::Task<absl::StatusOr<ChangedMembership>> UpdateMembership(const model::Call& call,
                                                                  MembershipUpdate update);
  // FAILED_PRECONDITION WRONG_STATE: the membership has ended.
  async::Task<absl::StatusOr<ChangedMembership>> SuspendMembership(const model::Call& call,
                                                                   MembershipChange change);
  async::Task<absl::StatusOr<ChangedMembership>> ReactivateMembership(const model::Call& call,
                                                                      MembershipChange change);
  // The answer is the membership as it was at its end.
  async::Task<absl::StatusOr<ChangedMembership>> RevokeMembership(const model::Call& call,
                                                                  MembershipChange change);
  // Each as RevokeMembership after those before it: a row is refused for itself, with
  // MEMBERSHIP_NOT_FOUND (also one that an earlier row has revoked) or LAST_SUPER_USER.
  async::Task<absl::StatusOr<BatchRevoked>> BatchRevokeMemberships(const model::Call& call,
                                                                   BatchRevocation revocation);
  // For every member, whatever the status: ends the caller's own membership. The position.
  async::Task<absl::StatusOr<std::string>> LeaveOrganization(const model::Call& call,
                                                             model::OrganizationId organization);

  // The changes of users. Services answer for addresses being verified.

  // ALREADY_EXISTS USER_EXISTS: the address or an identity is another user's.
  async::Task<absl::StatusOr<ChangedUser>> CreateUser(const model::Call& call, NewUser draft);
  // Users for themselves: NOT_FOUND USER_NOT_FOUND for others; PERMISSION_DENIED EMAIL_UNVERIFIED
  // or EMAIL_MISMATCH when a new address is not the verified one of their call. USER_EXISTS;
  // ETAG_MISMATCH. What is so already is OK, writes nothing and is no event.
  async::Task<absl::StatusOr<ChangedUser>> UpdateUser(const model::Call& call, UserUpdate update);
  // Finds the person by identity, else by address, else makes an account: of two calls at once
  // that mean one person, both end with the same user. A sign-in counts as an access.
  // USER_EXISTS: the address is of a user with another identity of this issuer, or of another user
  // than the identity. INVALID_ARGUMENT: a new user without a first name, or one identity too many.
  async::Task<absl::StatusOr<ChangedUser>> UpsertUser(const model::Call& call, KnownPerson person);

  // Erases a person, for themselves and services: ends all memberships and invitations to them, and
  // replaces what is personal in invitations and events by a tombstone. What they sent stays valid.
  // USER_NOT_FOUND; ETAG_MISMATCH; LAST_SUPER_USER with organization_ids in the metadata.
  async::Task<absl::StatusOr<ErasureReport>> DeleteUser(const model::Call& call,
                                                        UserDeletion deletion);

  // For services, for everybody themselves, and for holders of members.read the members of the
  // organization of the query. NOT_FOUND USER_NOT_FOUND, also for one whom the caller may not see.
  async::Task<absl::StatusOr<UserWithMemberships>> GetUser(const model::Call& call,
                                                           UserQuery query);
  // The calling user with all memberships. NOT_FOUND USER_NOT_FOUND: no account yet.
  async::Task<absl::StatusOr<UserWithMemberships>> GetSelf(const model::Call& call);
  // One for each name, in their order; none for whom the caller may not see as by GetUser.
  async::Task<absl::StatusOr<std::vector<std::optional<User>>>> BatchGetUsers(
      const model::Call& call, BatchUsersQuery query);

  // A page of an organization's memberships for holders of members.read, or of a user's for
  // themselves and services. NOT_FOUND USER_NOT_FOUND.
  async::Task<absl::StatusOr<MembershipsPage>> ListMemberships(const model::Call& call,
                                                               MembershipsQuery query);

  // A page of members and of the open invitations of other addresses; rows that appear or vanish
  // meanwhile disturb no other.
  async::Task<absl::StatusOr<UsersPage>> ListUsers(const model::Call& call, UsersQuery query);

  // Keeps in mind, for users.last_access_time, that the user has called.
  void NoteAccess(model::UserId user) { access_times_.Note(user); }
  // For services, for holders of members.read, and for everybody about themselves. A user who is
  // no member is an answer, not an error. Who is asked about has accessed.
  async::Task<absl::StatusOr<AccessAnswer>> CheckAccess(const model::Call& call,
                                                        AccessQuestion question,
                                                        model::Consistency consistency = {});
  // All from one state. A question that the caller may not ask is
  // the refusal of all.
  async::Task<absl::StatusOr<AccessAnswers>> BatchCheckAccess(const model::Call& call,
                                                              std::vector<AccessQuestion> questions,
                                                              model::Consistency consistency = {});
  // The sites inside an active member's site access, or with a permission those on which
  // CheckAccess would allow it. Nothing for anybody else. For those who may call CheckAccess.
  async::Task<absl::StatusOr<AccessibleSites>> ListAccessibleSites(const model::Call& call,
                                                                   SitesQuestion question);

 private:
  async::Task<absl::StatusOr<MembershipsPage>> ListMembershipsOfUser(const model::Call& call,
                                                                     MembershipsQuery query);

  std::optional<model::AccessDecision> DecideByCopy(const model::Call& call,
                                                    const AccessQuestion& question,
                                                    const model::Consistency& consistency);
  std::optional<AccessAnswers> DecideAllByCopy(const model::Call& call,
                                               const std::vector<AccessQuestion>& questions,
                                               const model::Consistency& consistency);
  // Keeps the facts in the copy, too.
  model::AccessDecision DecideByRow(const FactsRow& facts, const AccessQuestion& question);

  pg::Pool& db_;
  model::IdSource& ids_;
  AccessTimes access_times_;
  AccessCopy* const copy_;
};

}  // namespace usher::directory
