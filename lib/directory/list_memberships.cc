#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/rows.h"
#include "directory/users.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/paging.h"

// Keyset paging from ($5, $6) in the order of creation, ties by the other key of the membership;
// one row more than the page to know whether there is a next one.
#define USHER_LIST_MEMBERSHIPS(whose, key, comparison, direction)                    \
  "SELECT " USHER_MEMBERSHIP_COLUMNS                                                 \
  " FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id"                 \
  " JOIN usher.organizations o ON o.id = m.organization_id"                          \
  " WHERE " whose " AND ($3::smallint[] = '{}' OR CASE WHEN " USHER_MEMBERSHIP_ENDED \
  " THEN 3::smallint ELSE m.status END = ANY ($3))"                                  \
  " AND ($4::smallint[] = '{}' OR m.role = ANY ($4))"                                \
  " AND ($5::timestamptz IS NULL OR (m.create_time, " key ") " comparison            \
  " ($5, $6))"                                                                       \
  " ORDER BY m.create_time " direction ", " key " " direction " LIMIT $7"
#define USHER_OF_ORGANIZATION "m.organization_id = $1 AND " USHER_CALLER_ROLE " = ANY ($8)"
// $1 the user. To services and to themselves.
#define USHER_OF_USER "m.user_id = $1 AND ($2::uuid IS NULL OR $2 = m.user_id)"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kGate{"directory.list_memberships_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};
constexpr pg::Statement kFindUser{"directory.list_memberships_user", R"sql(
  SELECT u.id FROM usher.users u
  WHERE u.id = coalesce($1, (SELECT a.id FROM usher.users a WHERE a.email_key = $2)))sql",
                                  /*read_only=*/true};
constexpr pg::Statement kOfOrganization[] = {
    {"directory.list_memberships_oldest_first",
     USHER_LIST_MEMBERSHIPS(USHER_OF_ORGANIZATION, "m.user_id", ">", "ASC"), /*read_only=*/true},
    {"directory.list_memberships_newest_first",
     USHER_LIST_MEMBERSHIPS(USHER_OF_ORGANIZATION, "m.user_id", "<", "DESC"), /*read_only=*/true}};
constexpr pg::Statement kOfUser[] = {
    {"directory.list_memberships_of_user_oldest_first",
     USHER_LIST_MEMBERSHIPS(USHER_OF_USER, "m.organization_id", ">", "ASC"), /*read_only=*/true},
    {"directory.list_memberships_of_user_newest_first",
     USHER_LIST_MEMBERSHIPS(USHER_OF_USER, "m.organization_id", "<", "DESC"), /*read_only=*/true}};

template <class Owner, class... More>
pg::Bound BindList(const pg::Statement& list, const model::Call& call, const Owner& owner,
                   const MembershipsQuery& query, const More&... more) {
  std::optional<absl::Time> after_time;
  std::optional<model::Uuid> after_id;
  if (query.after) {
    after_time = query.after->create_time;
    after_id = query.after->id;
  }
  return pg::Bind(list, owner, storage::CallingUser(call), query.statuses, query.roles, after_time,
                  after_id, int64_t{query.page_size} + 1, more...);
}

MembershipsPage ReadPage(const pg::Rows& rows, const MembershipsQuery& query) {
  MembershipsPage page;
  const auto read = [](const pg::Row& row) { return ReadMembership(row, 0); };
  if (storage::TakePage(rows, query.page_size, page.memberships, read)) {
    const Membership& last = page.memberships.back();
    page.next = EntryCursor{last.create_time,
                            query.organization ? last.user.id.uuid() : last.organization.uuid()};
  }
  return page;
}

}  // namespace

async::Task<absl::StatusOr<MembershipsPage>> Directory::ListMemberships(const model::Call& call,
                                                                        MembershipsQuery query) {
  const auto caller = storage::CallingUser(call);
  if (query.organization) {
    pg::Batch batch(call.deadline);
    batch.Add(pg::Bind(kGate, *query.organization, caller));
    batch.Add(BindList(kOfOrganization[query.newest_first], call, *query.organization, query,
                       storage::GatesFor(kPermission)));
    CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
    CO_CHECK(storage::CheckGate(answers[0][0].Get<storage::Gate>(0), kPermission));
    co_return ReadPage(answers[1], query);
  }
  auto find = pg::Bind(kFindUser, query.user->id, query.user->email_key);
  CO_TRY(const pg::Rows found, co_await db_.Query(call.deadline, std::move(find)));
  if (found.empty()) co_return NoUser();
  const auto user = found[0].Get<model::UserId>(0);
  if (caller && *caller != user) co_return NoUser();
  auto list = BindList(kOfUser[query.newest_first], call, user, query);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(list)));
  co_return ReadPage(rows, query);
}

}  // namespace usher::directory
