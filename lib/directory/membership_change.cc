#include "directory/membership_change.h"

#include "model/refusal.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::directory {
namespace {

using absl::StatusCode;
using model::Reason;

constexpr pg::Statement kLockOrganization{"directory.lock_organization", R"sql(
  SELECT id FROM usher.organizations WHERE id = $1 FOR NO KEY UPDATE)sql"};

}  // namespace

pg::Batch BeginChange(const model::Call& call, const MembershipName& name) {
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kLockOrganization, name.organization));
  batch.Add(FindMembership(call, name));
  return batch;
}

absl::StatusOr<Membership> CheckChange(const pg::Row& former, std::optional<int64_t> revision) {
  const auto allowed = storage::CheckGate(former.Get<storage::Gate>(0), kMembersWrite);
  if (!allowed.ok()) return allowed;
  if (!former.Get<bool>(1)) return NoMember();
  Membership membership = ReadMembership(former, 2);
  if (revision && *revision != membership.revision) {
    return model::Refuse(StatusCode::kAborted, Reason::kEtagMismatch,
                         "The membership was changed since it was read; read it again.");
  }
  return membership;
}

absl::Status LastSuperUser() {
  return model::Refuse(StatusCode::kFailedPrecondition, Reason::kLastSuperUser,
                       "The organization would be left without an active Super User.");
}

ChangedMembership ReadChange(const pg::Rows& answer) {
  return {ReadMembership(answer[0], 1), answer[0].Get<std::string>(0)};
}

absl::Status ExplainChange(const pg::Row& former, std::optional<int64_t> revision) {
  const auto membership = CheckChange(former, revision);
  if (!membership.ok()) return membership.status();
  if (!membership->ended) return LastSuperUser();
  model::Refusal refusal;
  refusal.reason = Reason::kWrongState;
  refusal.metadata = {{"state", "ENDED"}};
  return model::Refuse(StatusCode::kFailedPrecondition, refusal, "The membership has ended.");
}

}  // namespace usher::directory
