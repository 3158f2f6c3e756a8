#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::invitations {
namespace {

constexpr std::string_view kPermission = "invitations.read";

constexpr pg::Statement kGet{"invitations.get", R"sql(
  SELECT gate.role, i.id IS NOT NULL, )sql" USHER_INVITATION_COLUMNS R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.invitations i ON i.organization_id = $1 AND i.id = $3
  LEFT JOIN usher.users inviter ON inviter.id = i.invited_by)sql",
                             /*read_only=*/true, /*shares=*/true};

constexpr pg::Statement kRead{"invitations.read", R"sql(
  SELECT )sql" USHER_INVITATION_COLUMNS R"sql(
  FROM usher.invitations i LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  WHERE i.organization_id = $1 AND i.id = ANY ($2))sql",
                              /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<Invitation>> Invitations::Get(const model::Call& call,
                                                         model::OrganizationId organization,
                                                         model::InvitationId id) {
  auto get = pg::Bind(kGet, organization, storage::CallingUser(call), id);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(get)));
  CO_CHECK(storage::CheckGate(rows[0].Get<storage::Gate>(0), kPermission));
  if (!rows[0].Get<bool>(1)) co_return NoSuchInvitation();
  co_return ReadInvitation(rows[0], 2);
}

async::Task<absl::StatusOr<std::vector<Invitation>>> Invitations::Read(
    const model::Call& call, model::OrganizationId organization,
    std::vector<model::InvitationId> ids) {
  auto read = pg::Bind(kRead, organization, ids);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(read)));
  std::vector<Invitation> invitations;
  for (const pg::Row row : rows) invitations.push_back(ReadInvitation(row, 0));
  co_return invitations;
}

}  // namespace usher::invitations
