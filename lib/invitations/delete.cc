#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::invitations {
namespace {

using model::InvitationState;

constexpr std::string_view kPermission = "invitations.write";

// Its mails go with it. What the event keeps is what nobody can read any more.
constexpr pg::Statement kDelete{"invitations.delete", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT i.id, i.revision, )sql" USHER_INVITATION_STATE R"sql( AS seen
    FROM usher.invitations i, gate
    WHERE i.organization_id = $1 AND i.id = $4 AND gate.role = ANY ($3)
    FOR UPDATE OF i
  ), deleted AS (
    DELETE FROM usher.invitations i USING found
    WHERE i.organization_id = $1 AND i.id = found.id AND found.seen IN (3, 4, 5)
      AND ($5::bigint IS NULL OR found.revision = $5)
    RETURNING i.id, i.email, i.role, i.site_access, i.site_group_ids, i.site_ids, i.generation,
              i.expire_time, found.seen
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              create_time)
    SELECT $1, 'invitation.deleted', d.id, $2, $6::jsonb,
           jsonb_build_object('state', d.seen, 'email', d.email, 'role', d.role,
                              'site_access', d.site_access, 'site_group_ids', d.site_group_ids,
                              'site_ids', d.site_ids, 'generation', d.generation,
                              'expire_time', d.expire_time),
           usher.now()
    FROM deleted d
  ), answer AS (
    SELECT gate.role, found.seen, found.revision,
           CASE WHEN deleted.id IS NOT NULL THEN pg_current_xact_id()::text END AS position
    FROM gate LEFT JOIN found ON true LEFT JOIN deleted ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$7", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

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
  if (revision && row.Get<int64_t>(2) != *revision) co_return Changed();
  if (*state == InvitationState::kPending) {
    co_return WrongState(*state, "A pending invitation cannot be deleted; cancel it first.");
  }
  co_return WrongState(*state, "An accepted invitation stays, as its member's history.");
}

}  // namespace usher::invitations
