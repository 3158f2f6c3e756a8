#include "directory/membership_change.h"

#include "model/refusal.h"
#include "model/refusals.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::directory {
namespace {

using absl::StatusCode;
using model::Reason;

// The organization first: it is read before the members are locked.
constexpr pg::Statement kLockMembers{"directory.lock_members", R"sql(
  WITH o AS (SELECT id FROM usher.organizations WHERE id = $1 FOR NO KEY UPDATE)
  SELECT m.user_id FROM o JOIN usher.memberships m ON m.organization_id = o.id
  WHERE m.user_id IN (
    SELECT unnest($2::uuid[])
    UNION ALL SELECT named.id FROM usher.users named WHERE named.email_key = ANY ($3))
  ORDER BY m.user_id FOR UPDATE OF m)sql"};

absl::Status Ended() {
  model::Refusal refusal;
  refusal.reason = Reason::kWrongState;
  refusal.metadata = {{"state", "ENDED"}};
  return model::Refuse(StatusCode::kFailedPrecondition, refusal, "The membership has ended.");
}

}  // namespace

pg::Bound LockMembers(model::OrganizationId organization,
                      const std::vector<MembershipName>& names) {
  std::vector<model::UserId> users;
  std::vector<std::string> email_keys;
  for (const MembershipName& name : names) {
    if (name.user) users.push_back(*name.user);
    if (name.email_key) email_keys.push_back(*name.email_key);
  }
  return pg::Bind(kLockMembers, organization, users, email_keys);
}

pg::Batch BeginChange(const model::Call& call, const MembershipName& name) {
  pg::Batch batch(call.deadline);
  batch.Add(LockMembers(name.organization, {name}));
  batch.Add(FindMembership(call, name));
  return batch;
}

std::optional<int64_t> RevisionToDecideBy(const model::Call& call,
                                          std::optional<int64_t> revision) {
  if (call.validate_only) return std::nullopt;
  return revision;
}

absl::StatusOr<Membership> CheckChange(const pg::Row& former) {
  const auto allowed = storage::CheckGate(former.Get<storage::Gate>(0), kMembersWrite);
  if (!allowed.ok()) return allowed;
  if (!former.Get<bool>(1)) return NoMember();
  return ReadMembership(former, 2);
}

absl::Status CheckRevision(const Membership& membership, std::optional<int64_t> revision) {
  if (!revision || *revision == membership.revision) return absl::OkStatus();
  return model::Refuse(StatusCode::kAborted, Reason::kEtagMismatch,
                       "The membership was changed since it was read; read it again.");
}

absl::Status LastSuperUser() {
  return model::Refuse(StatusCode::kFailedPrecondition, Reason::kLastSuperUser,
                       "The organization would be left without an active Super User.");
}

absl::StatusOr<ChangedMembership> ReadChange(const model::Call& call,
                                             const std::vector<pg::Rows>& answers,
                                             std::optional<int64_t> revision) {
  const pg::Rows& answer = answers.back();
  const bool done = !answer.empty();
  if (!done || call.validate_only) {
    const auto membership = CheckChange(answers[1][0]);
    if (!membership.ok()) return membership.status();
    model::Refusals refusals(call.validate_only);
    refusals.Add(CheckRevision(*membership, revision));
    if (!done) refusals.Add(membership->ended ? Ended() : LastSuperUser());
    if (!refusals.empty()) return refusals.ToStatus();
  }
  return ChangedMembership{ReadMembership(answer[0], 1), answer[0].Get<std::string>(0)};
}

}  // namespace usher::directory
