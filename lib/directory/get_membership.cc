#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/rows.h"
#include "model/refusal.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kGetMembership{"directory.get_membership",
                                       R"sql(
  SELECT gate.role, m.user_id IS NOT NULL, )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.memberships m ON m.organization_id = $1 AND m.user_id = )sql" USHER_NAMED_USER
                                       R"sql(
  LEFT JOIN usher.users u ON u.id = m.user_id
  LEFT JOIN usher.organizations o ON o.id = m.organization_id)sql",
                                       /*read_only=*/true, /*shares=*/true};

constexpr pg::Statement kReadMemberships{"directory.read_memberships", R"sql(
  SELECT )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
  FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id
  JOIN usher.organizations o ON o.id = m.organization_id
  WHERE m.organization_id = $1 AND m.user_id = ANY ($2))sql",
                                         /*read_only=*/true};

}  // namespace

pg::Bound FindMembership(const model::Call& call, const MembershipName& name) {
  return pg::Bind(kGetMembership, name.organization, storage::CallingUser(call), name.user,
                  name.email_key);
}

absl::Status NoMember() {
  return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kMembershipNotFound,
                       "The user is no member of the organization.");
}

async::Task<absl::StatusOr<Membership>> Directory::GetMembership(const model::Call& call,
                                                                 MembershipName name) {
  auto get = FindMembership(call, name);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(get)));
  const auto gate = rows[0].Get<storage::Gate>(0);
  const bool found = rows[0].Get<bool>(1);
  std::optional<Membership> membership;
  if (found) membership = directory::ReadMembership(rows[0], 2);
  const bool own = found && call.caller.user == membership->user.id;
  if (!own) CO_CHECK(storage::CheckGate(gate, kPermission));
  if (!found) co_return NoMember();
  co_return *std::move(membership);
}

async::Task<absl::StatusOr<std::vector<Membership>>> Directory::ReadMemberships(
    const model::Call& call, model::OrganizationId organization, std::vector<model::UserId> users) {
  auto read = pg::Bind(kReadMemberships, organization, users);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(read)));
  std::vector<Membership> memberships;
  for (const pg::Row row : rows) memberships.push_back(directory::ReadMembership(row, 0));
  co_return memberships;
}

}  // namespace usher::directory
