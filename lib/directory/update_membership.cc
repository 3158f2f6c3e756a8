#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/membership_change.h"
#include "directory/rows.h"
#include "directory/users.h"
#include "model/refusal.h"
#include "model/refusals.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/json.h"
#include "storage/member_or_invited.h"
#include "storage/origin.h"
#include "storage/seats.h"
#include "storage/site_access_columns.h"

namespace usher::directory {
namespace {

// Who loses it leaves invitations behind.
constexpr std::string_view kInvitationsWrite = "invitations.write";

// `wanted` is the row as it shall be; nothing is written, and no event, if it is so already.
constexpr pg::Statement kUpdateMembership{"directory.update_membership", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  known_site_groups AS (
    SELECT id FROM usher.site_groups WHERE organization_id = $1 AND id = ANY ($10) FOR KEY SHARE
  ), known_sites AS (
    SELECT id FROM usher.sites WHERE organization_id = $1 AND id = ANY ($11) FOR KEY SHARE
  ), asked AS (
    SELECT ARRAY(SELECT unnest($10::uuid[]) EXCEPT SELECT id FROM known_site_groups)
             AS unknown_groups,
           ARRAY(SELECT unnest($11::uuid[]) EXCEPT SELECT id FROM known_sites) AS unknown_sites,
           coalesce($14::timestamptz <= usher.now(), false) AS past
  ), former AS (
    SELECT m.user_id, )sql" USHER_MEMBERSHIP_JSON R"sql( AS json, m.status,
           )sql" USHER_LAST_SUPER_USER " AS last, " USHER_MEMBERSHIP_ENDED R"sql( AS was_over,
           coalesce($8, m.role) AS role, coalesce($9, m.site_access) AS site_access,
           CASE WHEN $9 IS NULL THEN m.site_group_ids ELSE $10 END AS site_group_ids,
           CASE WHEN $9 IS NULL THEN m.site_ids ELSE $11 END AS site_ids,
           coalesce($12::jsonb, m.metadata) AS metadata,
           CASE WHEN $13 THEN $14 ELSE m.end_time END AS end_time,
           unknown_groups = '{}' AND unknown_sites = '{}' AND NOT past AS valid
    FROM usher.memberships m, gate, asked
    WHERE m.organization_id = $1 AND m.user_id = )sql" USHER_NAMED_USER R"sql(
      AND gate.role = ANY ($5) AND ($6::bigint IS NULL OR m.revision = $6)
  ), wanted AS (
    SELECT m.user_id, m.role, m.site_access, m.site_group_ids, m.site_ids, m.metadata, m.end_time,
           m.json AS before, )sql" USHER_MEMBERSHIP_JSON R"sql( AS after,
           m.last AND NOT )sql" USHER_LASTING_SUPER_USER("m") R"sql( AS last,
           m.was_over AND )sql" USHER_GOES_ON("m") R"sql( AND NOT (
             SELECT )sql" USHER_SEAT_FREE R"sql( FROM usher.organizations o WHERE o.id = $1)
             AS seatless,
           CASE WHEN m.was_over AND )sql" USHER_GOES_ON("m") R"sql( THEN
             )sql" USHER_PENDING_INVITATION_OF("m.user_id") R"sql( END AS invitation, m.valid
    FROM former m
  ), allowed AS (
    SELECT user_id, role, site_access, site_group_ids, site_ids, metadata, end_time, before, after
    FROM wanted WHERE valid AND NOT last AND NOT seatless AND invitation IS NULL
  ), changed AS (
    UPDATE usher.memberships m
    SET role = w.role, site_access = w.site_access, site_group_ids = w.site_group_ids,
        site_ids = w.site_ids, metadata = w.metadata, end_time = w.end_time,
        revision = m.revision + 1, update_time = usher.now()
    FROM allowed w
    WHERE m.organization_id = $1 AND m.user_id = w.user_id AND w.before <> w.after
    RETURNING )sql" USHER_MEMBERSHIP_STORED R"sql(, w.before, w.after
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, 'membership.updated', user_id, $2, $7::jsonb,
           )sql" USHER_DIFFERENCE("before", "after") ", " USHER_DIFFERENCE("after",
                                                                           "before") R"sql(,
           usher.now()
    FROM changed
  ), demoted AS (
    SELECT organization_id, user_id FROM changed
    WHERE (before ->> 'role')::smallint = ANY ($15) AND NOT role = ANY ($15)
  ), )sql" USHER_CANCEL_INVITATIONS_OF("demoted", "$2", "$7") R"sql(, m AS (
    SELECT )sql" USHER_MEMBERSHIP_STORED R"sql( FROM changed m
    UNION ALL
    SELECT )sql" USHER_MEMBERSHIP_STORED R"sql(
    FROM usher.memberships m, allowed w
    WHERE m.organization_id = $1 AND m.user_id = w.user_id AND w.before = w.after
  ), answer AS (
    SELECT unknown_groups, unknown_sites, past, pg_current_xact_id()::text,
           (SELECT o.seat_limit FROM usher.organizations o, wanted WHERE o.id = $1 AND seatless),
           (SELECT last FROM wanted) AS last, (SELECT invitation FROM wanted) AS invitation,
           )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
    FROM asked LEFT JOIN m ON true LEFT JOIN usher.users u ON u.id = m.user_id
    LEFT JOIN usher.organizations o ON o.id = m.organization_id
  ), kept AS ()sql" USHER_KEEP_ANSWER("$16", "organization_id IS NOT NULL") R"sql()
  TABLE answer)sql"};

// Why nothing was or would be updated, or OK; `former` as CheckChange reads it, `outcome` of
// kUpdateMembership.
absl::Status NotUpdated(const pg::Row& former, const pg::Row& outcome,
                        std::optional<int64_t> revision, const storage::SiteAccessColumns& access,
                        bool every) {
  const auto checked = CheckChange(former);
  if (!checked.ok()) return checked.status();
  model::Refusals refusals(every);
  refusals.Add(CheckRevision(*checked, revision));
  model::Violations violations;
  storage::AddUnknown("membership.site_access", access,
                      outcome.Get<std::vector<model::SiteGroupId>>(0),
                      outcome.Get<std::vector<model::SiteId>>(1), violations);
  if (outcome.Get<bool>(2)) violations.Add("membership.end_time", "must be in the future");
  refusals.Add(violations.ToStatus());
  const auto seats = outcome.Get<std::optional<int32_t>>(4);
  if (seats) refusals.Add(storage::NoSeat(checked->organization, *seats));
  if (outcome.Get<std::optional<bool>>(5).value_or(false)) refusals.Add(LastSuperUser());
  const auto invitation = outcome.Get<std::optional<model::InvitationId>>(6);
  if (invitation) refusals.Add(storage::InvitationExists(*invitation));
  return refusals.ToStatus();
}

}  // namespace

async::Task<absl::StatusOr<ChangedMembership>> Directory::UpdateMembership(
    const model::Call& call, MembershipUpdate update) {
  const MembershipName& name = update.name;
  storage::SiteAccessColumns access;
  std::optional<int16_t> access_kind;
  if (update.access) {
    access = storage::SiteAccessColumns(*update.access);
    access_kind = access.kind;
  }
  std::optional<std::string> metadata;
  if (update.metadata) metadata = storage::ToJson(*update.metadata);
  pg::Batch batch = BeginChange(call, name);
  batch.Add(pg::Bind(kUpdateMembership, name.organization, storage::CallingUser(call), name.user,
                     name.email_key, storage::GatesFor(kMembersWrite),
                     RevisionToDecideBy(call, update.revision), storage::Origin(call), update.role,
                     access_kind, access.groups, access.sites, metadata, update.sets_end_time,
                     update.end_time, storage::GatesFor(kInvitationsWrite)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row outcome = answers.back()[0];
  const bool done = !outcome.IsNull(7);
  if (!done || call.validate_only) {
    CO_CHECK(NotUpdated(answers[1][0], outcome, update.revision, access, call.validate_only));
  }
  co_return ChangedMembership{directory::ReadMembership(outcome, 7), outcome.Get<std::string>(3)};
}

}  // namespace usher::directory
