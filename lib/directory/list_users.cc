#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/paging.h"
#include "storage/site_access_columns.h"

// Members and open invitations, each by its own index, merged; keyset paging from ($6, $7), one row
// more than the page to know whether there is a next one.
#define USHER_LIST_USERS(comparison, direction)                                                 \
  "SELECT user_id, invitation_id, first_name, last_name, email, role, site_access,"             \
  " site_group_ids, site_ids, status, last_access_time, expire_time, create_time, id FROM ("    \
  "(SELECT m.user_id, NULL::uuid AS invitation_id, u.first_name, u.last_name, u.email, m.role," \
  " m.site_access, m.site_group_ids, m.site_ids, m.status, u.last_access_time,"                 \
  " NULL::timestamptz AS expire_time, m.create_time, m.user_id AS id"                           \
  " FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id"                            \
  " WHERE m.organization_id = $1 AND ($4::smallint[] = '{}' OR m.status = ANY ($4))"            \
  " AND ($5::smallint[] = '{}' OR m.role = ANY ($5))"                                           \
  " AND ($6::timestamptz IS NULL OR (m.create_time, m.user_id) " comparison                     \
  " ($6, $7))"                                                                                  \
  " ORDER BY m.create_time " direction ", m.user_id " direction                                 \
  " LIMIT $8)"                                                                                  \
  " UNION ALL "                                                                                 \
  "(SELECT NULL, i.id, i.first_name, i.last_name, i.email, i.role, i.site_access,"              \
  " i.site_group_ids, i.site_ids, entry.status, NULL, i.expire_time, i.create_time, i.id"       \
  " FROM usher.invitations i CROSS JOIN LATERAL (SELECT (CASE WHEN i.state = 3 THEN 5"          \
  " WHEN i.expire_time <= usher.now() THEN 4 ELSE 3 END)::smallint AS status) entry"            \
  " WHERE i.organization_id = $1 AND i.open"                                                    \
  " AND ($4::smallint[] = '{}' OR entry.status = ANY ($4))"                                     \
  " AND ($5::smallint[] = '{}' OR i.role = ANY ($5))"                                           \
  " AND ($6::timestamptz IS NULL OR (i.create_time, i.id) " comparison                          \
  " ($6, $7))"                                                                                  \
  " ORDER BY i.create_time " direction ", i.id " direction                                      \
  " LIMIT $8)) entries"                                                                         \
  " WHERE " USHER_CALLER_ROLE " = ANY ($3) ORDER BY create_time " direction ", id " direction   \
  " LIMIT $8"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kGate{"directory.list_users_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};
constexpr pg::Statement kListNewestFirst{"directory.list_users_newest_first",
                                         USHER_LIST_USERS("<", "DESC"), /*read_only=*/true};
constexpr pg::Statement kListOldestFirst{"directory.list_users_oldest_first",
                                         USHER_LIST_USERS(">", "ASC"), /*read_only=*/true};

Entry ReadEntry(const pg::Row& row) {
  Entry entry;
  storage::SiteAccessColumns access;
  row.ReadFrom(0, entry.user, entry.invitation, entry.first_name, entry.last_name, entry.email,
               entry.role, access.kind, access.groups, access.sites, entry.status,
               entry.last_access_time, entry.expire_time, entry.create_time);
  entry.access = access.ToAccess();
  return entry;
}

EntryCursor After(const Entry& entry) {
  return {entry.create_time, entry.user ? entry.user->uuid() : entry.invitation->uuid()};
}

}  // namespace

async::Task<absl::StatusOr<UsersPage>> Directory::ListUsers(const model::Call& call,
                                                            UsersQuery query) {
  std::optional<absl::Time> after_time;
  std::optional<model::Uuid> after_id;
  if (query.after) {
    after_time = query.after->create_time;
    after_id = query.after->id;
  }
  const pg::Statement& list = query.newest_first ? kListNewestFirst : kListOldestFirst;
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.organization, storage::CallingUser(call)));
  batch.Add(pg::Bind(list, query.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), query.statuses, query.roles, after_time,
                     after_id, int64_t{query.page_size} + 1));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_CHECK(storage::CheckGate(answers[0][0].Get<storage::Gate>(0), kPermission));

  UsersPage page;
  if (storage::TakePage(answers[1], query.page_size, page.entries, &ReadEntry)) {
    page.next = After(page.entries.back());
  }
  co_return page;
}

}  // namespace usher::directory
