#include <utility>

#include "async/try.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr pg::Statement kListAll{"organizations.list_all", R"sql(
  SELECT organization.name_key, 0::smallint, )sql" USHER_ORGANIZATION_COLUMNS R"sql(
  FROM usher.organizations organization
  WHERE $1::text IS NULL OR organization.name_key > $1
  ORDER BY organization.name_key LIMIT $2)sql",
                                 /*read_only=*/true};

constexpr pg::Statement kListOwn{"organizations.list_own", R"sql(
  SELECT organization.name_key, own.role, )sql" USHER_ORGANIZATION_COLUMNS R"sql(
  FROM usher.memberships own
  JOIN usher.organizations organization ON organization.id = own.organization_id
  WHERE own.user_id = $3 AND own.status = 1
    AND (own.end_time IS NULL OR own.end_time > usher.now())
    AND ($1::text IS NULL OR organization.name_key > $1)
  ORDER BY organization.name_key LIMIT $2)sql",
                                 /*read_only=*/true};

Organization ReadListed(const pg::Row& row) {
  return ReadOrganization(row, 2, row.Get<storage::Gate>(1));
}

}  // namespace

async::Task<absl::StatusOr<NamePage<Organization>>> Organizations::List(const model::Call& call,
                                                                        NamePaging paging) {
  const int64_t limit = int64_t{paging.page_size} + 1;
  const auto caller = storage::CallingUser(call);
  pg::Batch batch(call.deadline);
  if (caller) {
    batch.Add(pg::Bind(kListOwn, paging.after, limit, *caller));
  } else {
    batch.Add(pg::Bind(kListAll, paging.after, limit));
  }
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  co_return ReadPage<Organization>(answers[0], paging, ReadListed);
}

}  // namespace usher::organizations
