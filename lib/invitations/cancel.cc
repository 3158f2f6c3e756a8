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

// All that decides is in the row that `found` locks, so whoever waited for the lock decides by what
// the other left. One that is canceled already is answered from `found`.
constexpr pg::Statement kCancel{"invitations.cancel", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT )sql" USHER_INVITATION_STORED ", " USHER_INVITATION_STATE R"sql( AS seen
    FROM usher.invitations i, gate
    WHERE i.organization_id = $1 AND gate.role = ANY ($3) AND i.id = coalesce($4, (
      SELECT n.id FROM usher.invitations n WHERE n.organization_id = $1 AND n.email_key = $5
      ORDER BY n.create_time DESC, n.id DESC LIMIT 1))
    FOR UPDATE OF i
  ), canceled AS (
    UPDATE usher.invitations i
    SET state = 4, open = false, cancel_time = usher.now(), update_time = usher.now(),
        revision = i.revision + 1
    FROM found
    WHERE i.organization_id = $1 AND i.id = found.id AND found.seen IN (1, 5)
      AND ($6::bigint IS NULL OR found.revision = $6)
    RETURNING )sql" USHER_INVITATION_STORED R"sql(
  ), i AS (
    SELECT )sql" USHER_INVITATION_STORED R"sql(, pg_current_xact_id()::text AS position
    FROM canceled i
    UNION ALL
    SELECT )sql" USHER_INVITATION_STORED R"sql(, '' FROM found i WHERE i.seen = 4
  ), withdrawn AS ()sql" USHER_WITHDRAW_MAILS R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'invitation.canceled', canceled.id, $2, $7::jsonb,
           jsonb_build_object('state', found.seen), jsonb_build_object('state', canceled.state),
           usher.now()
    FROM canceled, found
  ), answer AS (
    SELECT gate.role, found.seen, found.revision, i.position, )sql" USHER_INVITATION_COLUMNS R"sql(
    FROM gate LEFT JOIN found ON true LEFT JOIN i ON true
    LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  ), kept AS ()sql" USHER_KEEP_ANSWER("$8", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

}  // namespace

async::Task<absl::StatusOr<CanceledInvitation>> Invitations::Cancel(const model::Call& call,
                                                                    Cancellation cancellation) {
  auto cancel = pg::Bind(kCancel, cancellation.organization, storage::CallingUser(call),
                         storage::GatesFor(kPermission), cancellation.id, cancellation.email_key,
                         cancellation.revision, storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(cancel));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  const auto state = row.Get<std::optional<InvitationState>>(1);
  if (!state) co_return NoSuchInvitation();
  const auto position = row.Get<std::optional<std::string>>(3);
  if (position) co_return CanceledInvitation{ReadInvitation(row, 4), *position};
  if (cancellation.revision && row.Get<int64_t>(2) != *cancellation.revision) co_return Changed();
  co_return WrongState(*state, "Only a pending or expired invitation can be canceled.");
}

}  // namespace usher::invitations
