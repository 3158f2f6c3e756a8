#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "storage/codecs.h"

namespace usher::invitations {
namespace {

using model::InvitationState;

constexpr pg::Statement kPreview{"invitations.preview", R"sql(
  SELECT )sql" USHER_INVITATION_STATE ", i.generation, " USHER_PREVIEW_COLUMNS R"sql(
  FROM usher.invitations i JOIN usher.organizations o ON o.id = i.organization_id
  LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  WHERE i.organization_id = $1 AND i.id = $2)sql",
                                 /*read_only=*/true, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<InvitationPreview>> Invitations::Preview(const model::Call& call,
                                                                    std::string token) {
  CO_TRY(const model::TokenClaims claims, model::Open(keys_, token));
  auto read = pg::Bind(kPreview, claims.organization, claims.invitation);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(read)));
  if (rows.empty()) co_return InvalidToken();

  InvitationState state{};
  int32_t generation = 0;
  rows[0].ReadFrom(0, state, generation);
  InvitationPreview preview = ReadPreview(rows[0], 2);
  if (!std::cmp_equal(generation, claims.generation)) co_return InvalidToken();
  if (state == InvitationState::kExpired) co_return Expired(preview.expire_time);
  if (state != InvitationState::kPending) co_return InvalidToken();
  co_return preview;
}

}  // namespace usher::invitations
