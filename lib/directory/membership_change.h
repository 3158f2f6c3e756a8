#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "directory/directory.h"
#include "directory/rows.h"
#include "pg/batch.h"
#include "pg/rows.h"
#include "storage/change.h"
#include "storage/departure.h"

// Whether the row of usher.memberships by this name is what an organization must not be without: an
// ACTIVE Super User, and one who stays so.
#define USHER_LASTING_SUPER_USER(m) \
  "(" m ".role = 1 AND " m ".status = 1 AND " m ".end_time IS NULL)"

// Whether the membership `m` is the only such one. Exact under BeginChange's lock.
#define USHER_LAST_SUPER_USER \
  "(" USHER_LASTING_SUPER_USER("m") " AND NOT EXISTS (SELECT FROM usher.memberships other"  \
  " WHERE other.organization_id = m.organization_id AND other.user_id <> m.user_id"         \
  " AND " USHER_LASTING_SUPER_USER("other") "))"

// The end of a change's statement: its answer, for ReadChange, is the WITH query `m`, which has the
// membership if the change was made or is as wished for already. `call` as in USHER_KEEP_ANSWER.
#define USHER_ANSWER_MEMBERSHIP(call)                                       \
  "answer AS (SELECT pg_current_xact_id()::text, " USHER_MEMBERSHIP_COLUMNS \
  " FROM m JOIN usher.users u ON u.id = m.user_id"                          \
  " JOIN usher.organizations o ON o.id = m.organization_id),"               \
  " kept AS (" USHER_KEEP_ANSWER(call, "true") ") TABLE answer"

namespace usher::directory {

inline constexpr std::string_view kMembersWrite = "members.write";

// The batch of a change of memberships, with its first two statements: the lock, and the membership
// as it is before the change.
//
// The lock is on the organization's row, so the changes of one organization's memberships come one
// after the other, and each statement after it sees what the change before has committed. Locking
// the Super Users' rows instead would let two callers lock different sets while a third changes who
// is one. Acceptances only add members and do not wait: a foreign key's lock is compatible.
pg::Batch BeginChange(const model::Call& call, const MembershipName& name);

// The lock alone, also on the members themselves: whoever is inviting holds their own membership,
// so that a change after it sees what they have invited.
pg::Bound LockMembers(model::OrganizationId organization, const std::vector<MembershipName>& names);

// The revision without which the change's statement shall do nothing: none for a caller who asks
// beforehand and wants to learn what else is in the way.
std::optional<int64_t> RevisionToDecideBy(const model::Call& call, std::optional<int64_t> revision);

// The answer to the second statement: the membership, which may be changed.
// NOT_FOUND, or PERMISSION_DENIED PERMISSION_MISSING.
absl::StatusOr<Membership> CheckChange(const pg::Row& former);
// ABORTED ETAG_MISMATCH, unless it is of this revision.
absl::Status CheckRevision(const Membership& membership, std::optional<int64_t> revision);

// The outcome of a batch whose last statement ends in USHER_ANSWER_MEMBERSHIP: the refusals of the
// two above, FAILED_PRECONDITION WRONG_STATE for a membership whose time is over, or else
// LAST_SUPER_USER.
absl::StatusOr<ChangedMembership> ReadChange(const model::Call& call,
                                             const std::vector<pg::Rows>& answers,
                                             std::optional<int64_t> revision);

// FAILED_PRECONDITION LAST_SUPER_USER.
absl::Status LastSuperUser();

}  // namespace usher::directory
