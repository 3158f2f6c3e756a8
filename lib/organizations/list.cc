#include <utility>

#include "async/try.h"
#include "model/text.h"
#include "organizations/list_orders.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

#define USHER_ORGANIZATIONS_FILTER                                   \
  "($1 = '' OR organization.name_key LIKE $1)"                       \
  " AND ($2::timestamptz IS NULL OR organization.create_time >= $2)" \
  " AND ($3::timestamptz IS NULL OR organization.create_time < $3)"
#define USHER_OWN_ORGANIZATIONS                                                     \
  " FROM usher.memberships own"                                                     \
  " JOIN usher.organizations organization ON organization.id = own.organization_id" \
  " WHERE own.user_id = $4 AND own.status = 1"                                      \
  " AND (own.end_time IS NULL OR own.end_time > usher.now()) AND " USHER_ORGANIZATIONS_FILTER
#define USHER_ALL_ORGANIZATIONS \
  " FROM usher.organizations organization WHERE $4::uuid IS NULL AND " USHER_ORGANIZATIONS_FILTER

#define USHER_LIST_OWN(column, type, comparison, direction)                                   \
  "SELECT " USHER_LIST_PLACE(                                                                 \
      "organization", column) "own.role, " USHER_ORGANIZATION_COLUMNS USHER_OWN_ORGANIZATIONS \
      USHER_LIST_PAGE("organization", column, type, comparison, direction, "$5", "$6", "$7")
#define USHER_LIST_ALL(column, type, comparison, direction)                                      \
  "SELECT " USHER_LIST_PLACE(                                                                    \
      "organization", column) "0::smallint, " USHER_ORGANIZATION_COLUMNS USHER_ALL_ORGANIZATIONS \
      USHER_LIST_PAGE("organization", column, type, comparison, direction, "$5", "$6", "$7")

constexpr ListStatements kListOwn USHER_LIST_ORDERS("organizations.list_own", USHER_LIST_OWN);
constexpr ListStatements kListAll USHER_LIST_ORDERS("organizations.list_all", USHER_LIST_ALL);

constexpr pg::Statement kCountOwn{"organizations.count_own",
                                  "SELECT count(*)" USHER_OWN_ORGANIZATIONS, /*read_only=*/true};
constexpr pg::Statement kCountAll{"organizations.count_all",
                                  "SELECT count(*)" USHER_ALL_ORGANIZATIONS, /*read_only=*/true};

Organization ReadListed(const pg::Row& row) {
  return ReadOrganization(row, 3, row.Get<storage::Gate>(2));
}

}  // namespace

async::Task<absl::StatusOr<Page<Organization>>> Organizations::List(const model::Call& call,
                                                                    OrganizationsQuery query) {
  const Paging& paging = query.paging;
  const auto caller = storage::CallingUser(call);
  const std::string pattern = Anywhere(model::NameKey(query.search));
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(StatementOf(caller ? kListOwn : kListAll, paging.order), pattern,
                     query.created_from, query.created_before, caller, KeyOf(paging.after),
                     IdOf(paging.after), int64_t{paging.page_size} + 1));
  if (paging.count) {
    batch.Add(pg::Bind(caller ? kCountOwn : kCountAll, pattern, query.created_from,
                       query.created_before, caller));
  }
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  auto page = ReadPage<Organization>(answers[0], paging, ReadListed);
  if (paging.count) page.total = answers[1][0].Get<int64_t>(0);
  co_return page;
}

}  // namespace usher::organizations
