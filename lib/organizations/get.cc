#include "async/try.h"
#include "organizations/organizations.h"
#include "organizations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "organization.view";

constexpr pg::Statement kGet{"organizations.get", R"sql(
  SELECT )sql" USHER_CALLER_ROLE_IN("asked.id") R"sql(, )sql" USHER_ORGANIZATION_COLUMNS R"sql(
  FROM (SELECT coalesce($1, (SELECT n.id FROM usher.organizations n WHERE n.name_key = $3))
        AS id) asked
  LEFT JOIN usher.organizations organization ON organization.id = asked.id)sql",
                             /*read_only=*/true, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<Organization>> Organizations::Get(const model::Call& call,
                                                             OrganizationName name) {
  auto get = pg::Bind(kGet, name.id, storage::CallingUser(call), name.name_key);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(get)));
  const auto gate = rows[0].Get<storage::Gate>(0);
  CO_CHECK(storage::CheckGate(gate, kPermission));
  co_return ReadOrganization(rows[0], 1, gate);
}

}  // namespace usher::organizations
