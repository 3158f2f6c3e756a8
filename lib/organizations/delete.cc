#include <utility>

#include "async/try.h"
#include "organizations/locks.h"
#include "organizations/organizations.h"
#include "organizations/refusals.h"
#include "organizations/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "organization.delete";

// Locks what a sender of mail may hold while it goes on to the mail's invitation.
constexpr pg::Statement kLockMails{"organizations.lock_mails", R"sql(
  SELECT m.id FROM usher.mails m
  WHERE m.organization_id = $1 AND m.state = 1 AND )sql" USHER_CALLER_ROLE R"sql( = ANY ($3)
  ORDER BY m.id FOR UPDATE)sql"};

// The organization's lock comes first. Every row of it is inserted under a foreign key's lock on
// the organization, so those of whoever came before are deleted here, and who comes after finds no
// organization. Everything goes but the events.
constexpr pg::Statement kDelete{"organizations.delete", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT organization.id, organization.revision, )sql" USHER_ORGANIZATION_JSON R"sql( AS json
    FROM gate, usher.organizations organization WHERE organization.id = $1 AND role = ANY ($3)
  ), going AS (
    SELECT id, json FROM found WHERE $4::bigint IS NULL OR revision = $4
  ), mail AS (
    DELETE FROM usher.mails m USING going WHERE m.organization_id = going.id
    RETURNING m.state
  ), invitation AS (
    DELETE FROM usher.invitations i USING going WHERE i.organization_id = going.id
    RETURNING i.id, )sql" USHER_PENDING R"sql( AS pending
  ), membership AS (
    DELETE FROM usher.memberships m USING going WHERE m.organization_id = going.id
    RETURNING m.user_id, )sql" USHER_LASTING_MEMBER R"sql( AS lasting,
              jsonb_build_object('role', m.role, 'site_access', m.site_access, 'site_group_ids',
                                 m.site_group_ids, 'site_ids', m.site_ids, 'metadata', m.metadata,
                                 'end_time', m.end_time) AS json
  ), place AS (
    DELETE FROM usher.site_group_sites g USING going WHERE g.organization_id = going.id
  ), site_group AS (
    DELETE FROM usher.site_groups AS site_group USING going
    WHERE site_group.organization_id = going.id
    RETURNING site_group.id, )sql" USHER_SITE_GROUP_JSON R"sql( AS json
  ), site AS (
    DELETE FROM usher.sites AS site USING going WHERE site.organization_id = going.id
    RETURNING site.id, )sql" USHER_SITE_JSON R"sql( AS json
  ), deleted AS (
    DELETE FROM usher.organizations o USING going WHERE o.id = going.id RETURNING o.id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT $1, type, subject_id, $2, $5::jsonb, before, after, usher.now()
    FROM (SELECT 'invitation.canceled' AS type, id AS subject_id,
                 jsonb_build_object('state', 1) AS before, jsonb_build_object('state', 4) AS after
          FROM invitation WHERE pending
          UNION ALL SELECT 'membership.revoked', user_id, json, NULL FROM membership WHERE lasting
          UNION ALL SELECT 'site_group.deleted', id, json, NULL FROM site_group
          UNION ALL SELECT 'site.deleted', id, json, NULL FROM site
          UNION ALL SELECT 'organization.deleted', deleted.id, going.json, NULL
                    FROM deleted, going) happened
  ), answer AS (
    SELECT gate.role, deleted.id IS NOT NULL AS done, pg_current_xact_id()::text AS position,
           (SELECT count(*) FROM membership WHERE lasting) AS memberships_ended,
           (SELECT count(*) FROM invitation WHERE pending) AS invitations_canceled,
           (SELECT count(*) FROM mail WHERE state = 1) AS mails_withdrawn
    FROM gate LEFT JOIN deleted ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$6", "done") R"sql()
  TABLE answer)sql"};

}  // namespace

async::Task<absl::StatusOr<DeletedOrganization>> Organizations::Delete(
    const model::Call& call, model::OrganizationId organization, std::optional<int64_t> revision) {
  pg::Batch batch(call.deadline);
  batch.Add(LockOrganization(organization));
  batch.Add(pg::Bind(kLockMails, organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission)));
  batch.Add(pg::Bind(kDelete, organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), revision, storage::Origin(call)));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = answers.back()[0];
  if (!row.Get<bool>(1)) {
    CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
    co_return ChangedSince("organization");
  }
  DeletedOrganization deleted;
  row.ReadFrom(2, deleted.position, deleted.memberships_ended, deleted.invitations_canceled,
               deleted.mails_withdrawn);
  co_return deleted;
}

}  // namespace usher::organizations
