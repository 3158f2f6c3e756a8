#include <utility>

#include "absl/strings/str_join.h"
#include "async/try.h"
#include "directory/directory.h"
#include "directory/membership_change.h"
#include "directory/rows.h"
#include "directory/users.h"
#include "model/refusal.h"
#include "model/refusals.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::directory {
namespace {

// The locks, in the order in which everybody takes them: organizations, invitations, the user. A
// membership that began between the first and the third is met by locking the organizations again;
// from then on none can begin.
constexpr pg::Statement kLockOrganizations{"directory.delete_user_lock_organizations", R"sql(
  SELECT o.id FROM usher.organizations o
  WHERE o.id IN (SELECT m.organization_id FROM usher.memberships m WHERE m.user_id = $1)
  ORDER BY o.id FOR NO KEY UPDATE)sql"};

constexpr pg::Statement kLockInvitations{"directory.delete_user_lock_invitations", R"sql(
  SELECT i.id FROM usher.invitations i
  WHERE (i.organization_id, i.id) IN (
    SELECT a.organization_id, a.id FROM usher.users u
    JOIN usher.invitations a ON a.email_key = u.email_key WHERE u.id = $1
    UNION ALL SELECT a.organization_id, a.id FROM usher.invitations a WHERE a.user_id = $1)
  ORDER BY i.organization_id, i.id FOR UPDATE)sql"};

constexpr pg::Statement kLockUser{"directory.delete_user_lock", R"sql(
  SELECT id FROM usher.users WHERE id = $1 FOR UPDATE)sql"};

// $5: what the end of a membership is called. Mails that a worker holds are left to it, as always.
// Of events that the person made, who they were goes; of those about them, all that is personal.
constexpr pg::Statement kDeleteUser{"directory.delete_user", R"sql(
  WITH person AS (
    SELECT u.id, u.email, u.email_key, u.revision, ARRAY(
      SELECT m.organization_id FROM usher.memberships m
      WHERE m.user_id = u.id AND )sql" USHER_LAST_SUPER_USER R"sql(
      ORDER BY m.organization_id) AS last_in
    FROM usher.users u WHERE u.id = $1
  ), going AS (
    SELECT id, email, email_key FROM person
    WHERE last_in = '{}' AND ($2::bigint IS NULL OR revision = $2)
  ), ended AS (
    DELETE FROM usher.memberships m USING going WHERE m.user_id = going.id
    RETURNING m.organization_id, m.user_id, )sql" USHER_MEMBERSHIP_JSON R"sql( AS json
  ), unlinked AS (
    DELETE FROM usher.user_identities s USING going WHERE s.user_id = going.id RETURNING s.issuer
  ), kept_open AS (
    SELECT count(*)::int AS invitations FROM usher.invitations i, going
    WHERE i.invited_by = going.id
  ), theirs AS (
    SELECT i.organization_id, i.id, i.open AND i.state = 1 AS cancels,
           CASE WHEN i.expire_time <= usher.now() THEN 5 ELSE 1 END AS seen
    FROM usher.invitations i, going WHERE i.email_key = going.email_key
    UNION
    SELECT i.organization_id, i.id, false, 2
    FROM usher.invitations i, going WHERE i.user_id = going.id AND i.email_key <> going.email_key
  ), erased AS (
    UPDATE usher.invitations i
    SET email = t.email, email_key = t.email, first_name = t.first_name, last_name = t.last_name,
        locale = t.locale, note = t.note, redirect_uri = t.redirect_uri, metadata = t.metadata,
        delivery_detail = '', open = false, state = CASE WHEN cancels THEN 4 ELSE i.state END,
        cancel_time = CASE WHEN cancels THEN usher.now() ELSE i.cancel_time END,
        revision = i.revision + 1, update_time = usher.now()
    FROM theirs, jsonb_to_record(usher.tombstone()) t (
      email text, first_name text, last_name text, locale text, note text, redirect_uri text,
      metadata jsonb)
    WHERE i.organization_id = theirs.organization_id AND i.id = theirs.id
    RETURNING i.organization_id, i.id, cancels, seen
  ), mails AS (
    UPDATE usher.mails m
    SET state = CASE m.state WHEN 1 THEN 4 ELSE m.state END, detail = '', update_time = usher.now()
    FROM (SELECT w.organization_id, w.id, w.state FROM usher.mails w
          JOIN erased ON erased.organization_id = w.organization_id AND erased.id = w.invitation_id
          FOR UPDATE OF w SKIP LOCKED) held
    WHERE m.organization_id = held.organization_id AND m.id = held.id
    RETURNING held.state
  ), told AS (
    SELECT e.organization_id, e.id, true AS about FROM usher.events e JOIN (
      SELECT organization_id, id AS subject_id FROM theirs
      UNION SELECT c.organization_id, c.subject_id FROM usher.events c, going
      WHERE c.type = 'invitation.created'
        AND lower(c.after ->> 'email') IN (lower(going.email), going.email_key)
    ) mentioned USING (organization_id, subject_id)
    UNION ALL SELECT e.organization_id, e.id, true FROM usher.events e, going
    WHERE e.user_id = going.id
    UNION ALL SELECT e.organization_id, e.id, false FROM usher.events e, going
    WHERE e.actor_user_id = going.id
  ), redacted AS (
    UPDATE usher.events e
    SET before = CASE WHEN about THEN usher.redact(e.before) ELSE e.before END,
        after = CASE WHEN about THEN usher.redact(e.after) ELSE e.after END,
        origin = CASE WHEN e.actor_user_id = $1 THEN e.origin - 'peer' ELSE e.origin END,
        actor_name = CASE WHEN e.actor_user_id = $1 THEN 'deleted user' ELSE e.actor_name END
    FROM (SELECT organization_id, id, bool_or(about) AS about FROM told
          GROUP BY organization_id, id) told
    WHERE e.organization_id = told.organization_id AND e.id = told.id
      AND (e.actor_user_id = $1 OR e.before <> usher.redact(e.before)
           OR e.after <> usher.redact(e.after))
    RETURNING e.id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, actor_name, origin,
                              before, after, create_time)
    SELECT organization_id, type, subject_id, $3, CASE WHEN $3 = $1 THEN 'deleted user' ELSE '' END,
           CASE WHEN $3 = $1 THEN $4::jsonb - 'peer' ELSE $4::jsonb END, before, after, usher.now()
    FROM (
      SELECT organization_id, $5 AS type, user_id AS subject_id, usher.redact(json) AS before,
             NULL::jsonb AS after
      FROM ended
      UNION ALL
      SELECT organization_id, 'invitation.canceled', id, jsonb_build_object('state', seen),
             jsonb_build_object('state', 4)
      FROM erased WHERE cancels
      UNION ALL
      SELECT )sql" USHER_NO_ORGANIZATION R"sql(, 'user.deleted', id, NULL, NULL FROM going) told
  ), gone AS (
    DELETE FROM usher.users u USING going WHERE u.id = going.id
  ), answer AS (
    SELECT person.last_in, person.revision, going.id IS NOT NULL AS done, usher.now(),
           (SELECT count(*)::int FROM ended), (SELECT count(*)::int FROM unlinked),
           (SELECT count(*)::int FROM erased), (SELECT invitations FROM kept_open),
           (SELECT count(*)::int FROM mails WHERE state = 1), (SELECT count(*)::int FROM redacted),
           pg_current_xact_id()::text
    FROM person LEFT JOIN going ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$6", "done") R"sql()
  TABLE answer)sql"};

absl::Status LastSuperUserOf(const std::vector<model::OrganizationId>& organizations) {
  const auto name = [](std::string* out, const model::OrganizationId& id) {
    out->append(id.ToString());
  };
  model::Refusal refusal;
  refusal.reason = model::Reason::kLastSuperUser;
  refusal.metadata.emplace_back("organization_ids", absl::StrJoin(organizations, ",", name));
  return model::Refuse(absl::StatusCode::kFailedPrecondition, refusal,
                       "An organization would be left without an active Super User.");
}

absl::StatusOr<ErasureReport> ReadReport(const pg::Row& row, const UserDeletion& deletion,
                                         bool every) {
  const auto last_in = row.Get<std::vector<model::OrganizationId>>(0);
  model::Refusals refusals(every);
  if (deletion.revision && row.Get<int64_t>(1) != *deletion.revision) refusals.Add(UserChanged());
  if (!last_in.empty()) refusals.Add(LastSuperUserOf(last_in));
  if (!refusals.empty()) return refusals.ToStatus();
  ErasureReport report;
  report.user = deletion.user;
  row.ReadFrom(3, report.erase_time, report.memberships_ended, report.identities_removed,
               report.invitations_erased, report.invitations_kept, report.mails_withdrawn,
               report.events_redacted, report.position);
  return report;
}

}  // namespace

async::Task<absl::StatusOr<ErasureReport>> Directory::DeleteUser(const model::Call& call,
                                                                 UserDeletion deletion) {
  const auto caller = storage::CallingUser(call);
  if (caller && *caller != deletion.user) co_return NoUser();
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kLockOrganizations, deletion.user));
  batch.Add(pg::Bind(kLockInvitations, deletion.user));
  batch.Add(pg::Bind(kLockUser, deletion.user));
  batch.Add(pg::Bind(kLockOrganizations, deletion.user));
  batch.Add(pg::Bind(kDeleteUser, deletion.user, deletion.revision, caller, storage::Origin(call),
                     caller ? "membership.left" : "membership.revoked"));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  if (answers.back().empty()) co_return NoUser();
  co_return ReadReport(answers.back()[0], deletion, call.validate_only);
}

}  // namespace usher::directory
