#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "model/refusals.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::invitations {
namespace {

using model::InvitationState;

constexpr std::string_view kPermission = "invitations.write";

constexpr pg::Statement kDelete{"invitations.delete",
                                R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT i.id, i.revision, )sql" USHER_INVITATION_STATE R"sql( AS seen
    FROM usher.invitations i, gate
    WHERE i.organization_id = $1 AND i.id = $4 AND gate.role = ANY ($3)
    FOR UPDATE OF i
  ), deleted AS ()sql" USHER_DELETE_INVITATIONS("($5::bigint IS NULL OR found.revision = $5)")
                                    R"sql(
  ), event AS ()sql" USHER_DELETED_EVENTS("$6") R"sql(
  ), answer AS (
    SELECT gate.role, found.seen, found.revision,
           CASE WHEN deleted.id IS NOT NULL THEN pg_current_xact_id()::text END AS position
    FROM gate LEFT JOIN found ON true LEFT JOIN deleted ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$7", "position IS NOT NULL") R"sql()
  TABLE answer)sql",
                                /*read_only=*/false, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<std::string>> Invitations::Delete(const model::Call& call,
                                                             model::OrganizationId organization,
                                                             model::InvitationId id,
                                                             std::optional<int64_t> revision) {
  auto erase = pg::Bind(kDelete, organization, storage::CallingUser(call),
                        storage::GatesFor(kPermission), id, revision, storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(erase));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  const auto state = row.Get<std::optional<InvitationState>>(1);
  if (!state) co_return NoSuchInvitation();
  const auto position = row.Get<std::optional<std::string>>(3);
  if (position) co_return *position;
  model::Refusals refusals(call.validate_only);
  if (revision && row.Get<int64_t>(2) != *revision) refusals.Add(Changed());
  if (*state == InvitationState::kPending) {
    refusals.Add(WrongState(*state, "A pending invitation cannot be deleted; cancel it first."));
  } else if (*state == InvitationState::kAccepted) {
    refusals.Add(WrongState(*state, "An accepted invitation stays, as its member's history."));
  }
  co_return refusals.ToStatus();
}

}  // namespace usher::invitations
