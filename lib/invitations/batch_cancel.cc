#include <nlohmann/json.hpp>

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

// An array of ids, so that rows are found by them, not the ids among all of the organization's
// rows. All that decides is in the rows that `found` locks, so whoever waited for a lock decides by
// what the other left. One that is canceled already is answered from `found`, and one that is named
// twice by both.
constexpr pg::Statement kBatchCancel{"invitations.batch_cancel", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  named AS (
    SELECT a.n, a.revision, coalesce(a.id, (
             SELECT n.id FROM usher.invitations n
             WHERE n.organization_id = $1 AND n.email_key = a.email_key
             ORDER BY n.create_time DESC, n.id DESC LIMIT 1)) AS id
    FROM json_to_recordset($4::json) AS a(n int, id uuid, email_key text, revision bigint), gate
    WHERE gate.role = ANY ($3)
  ), found AS (
    SELECT )sql" USHER_INVITATION_STORED ", " USHER_INVITATION_STATE R"sql( AS seen
    FROM usher.invitations i
    WHERE i.organization_id = $1 AND i.id = ANY (ARRAY(SELECT named.id FROM named))
    ORDER BY i.id FOR UPDATE OF i
  ), canceled AS (
    UPDATE usher.invitations i
    SET state = 4, open = false, cancel_time = usher.now(), update_time = usher.now(),
        revision = i.revision + 1
    FROM found
    WHERE i.organization_id = $1 AND i.id = found.id AND found.seen IN (1, 5)
      AND EXISTS (SELECT FROM named WHERE named.id = i.id
                    AND (named.revision IS NULL OR named.revision = found.revision))
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
    SELECT $1, 'invitation.canceled', canceled.id, $2, $5::jsonb,
           jsonb_build_object('state', found.seen), jsonb_build_object('state', canceled.state),
           usher.now()
    FROM canceled JOIN found ON found.id = canceled.id
    ORDER BY (SELECT min(named.n) FROM named WHERE named.id = canceled.id)
  ), answer AS (
    SELECT gate.role, named.n, found.seen, found.revision, i.position,
           )sql" USHER_INVITATION_COLUMNS R"sql(
    FROM gate LEFT JOIN named ON true LEFT JOIN found ON found.id = named.id
    LEFT JOIN i ON i.id = named.id LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
    ORDER BY named.n
  ), kept AS ()sql" USHER_KEEP_ANSWER("$6", "EXISTS (SELECT FROM i)") R"sql()
  TABLE answer)sql",
                                     /*read_only=*/false, /*shares=*/true};

std::string ToJson(const std::vector<Cancellation>& cancellations) {
  nlohmann::json rows = nlohmann::json::array();
  for (size_t n = 0; n < cancellations.size(); ++n) {
    const Cancellation& cancellation = cancellations[n];
    nlohmann::json row = {{"n", n}};
    if (cancellation.id) row["id"] = model::FormatUuid(cancellation.id->uuid());
    if (cancellation.email_key) row["email_key"] = *cancellation.email_key;
    if (cancellation.revision) row["revision"] = *cancellation.revision;
    rows.push_back(std::move(row));
  }
  return rows.dump();
}

absl::StatusOr<CanceledInvitation> ReadCanceled(const pg::Row& row,
                                                const Cancellation& cancellation, bool every) {
  const auto state = row.Get<std::optional<InvitationState>>(2);
  if (!state) return NoSuchInvitation();
  const auto position = row.Get<std::optional<std::string>>(4);
  if (position) return CanceledInvitation{ReadInvitation(row, 5), *position};
  model::Refusals refusals(every);
  if (cancellation.revision && row.Get<int64_t>(3) != *cancellation.revision) {
    refusals.Add(Changed());
  }
  if (!model::Allows(*state, model::InvitationAction::kCancel)) {
    refusals.Add(WrongState(*state, "Only a pending or expired invitation can be canceled."));
  }
  return refusals.ToStatus();
}

}  // namespace

async::Task<absl::StatusOr<CanceledInvitations>> Invitations::BatchCancel(
    const model::Call& call, model::OrganizationId organization,
    std::vector<Cancellation> cancellations) {
  auto cancel =
      pg::Bind(kBatchCancel, organization, storage::CallingUser(call),
               storage::GatesFor(kPermission), ToJson(cancellations), storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(cancel));
  if (cancellations.size() > 1) batch.StayAlone();
  CO_TRY(const auto rows, co_await storage::Change(db_, call, std::move(batch)));
  CO_CHECK(storage::CheckGate(rows.back()[0].Get<storage::Gate>(0), kPermission));

  CanceledInvitations answers;
  if (cancellations.empty()) co_return answers;
  for (const pg::Row row : rows.back()) {
    const auto n = static_cast<size_t>(row.Get<int32_t>(1));
    answers.push_back(ReadCanceled(row, cancellations[n], call.validate_only));
  }
  co_return answers;
}

}  // namespace usher::invitations
