#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "storage/codecs.h"

namespace usher::invitations {
namespace {

using model::InvitationState;

constexpr pg::Statement kPreview{"invitations.preview", R"sql(
  SELECT )sql" USHER_INVITATION_STATE R"sql(, i.generation, o.name,
         coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), i.email,
         i.first_name, i.last_name, i.role, i.site_access = 1,
         ARRAY(SELECT g.name FROM usher.site_groups g
               WHERE g.organization_id = i.organization_id AND g.id = ANY (i.site_group_ids)
               ORDER BY g.name_key),
         ARRAY(SELECT s.name FROM usher.sites s
               WHERE s.organization_id = i.organization_id AND s.id = ANY (i.site_ids)
               ORDER BY s.name_key),
         i.note, i.locale, i.redirect_uri, i.create_time, i.expire_time
  FROM usher.invitations i JOIN usher.organizations o ON o.id = i.organization_id
  LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  WHERE i.organization_id = $1 AND i.id = $2)sql",
                                 /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<InvitationPreview>> Invitations::Preview(const model::Call& call,
                                                                    std::string token) {
  CO_TRY(const model::TokenClaims claims, model::Open(keys_, token));
  auto read = pg::Bind(kPreview, claims.organization, claims.invitation);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(read)));
  if (rows.empty()) co_return InvalidToken();

  InvitationState state{};
  int32_t generation = 0;
  InvitationPreview preview;
  preview.organization = claims.organization;
  preview.id = claims.invitation;
  rows[0].ReadFrom(0, state, generation, preview.organization_name, preview.inviter_name,
                   preview.email, preview.first_name, preview.last_name, preview.role,
                   preview.all_sites, preview.site_group_names, preview.site_names, preview.note,
                   preview.locale, preview.redirect_uri, preview.create_time, preview.expire_time);
  if (!std::cmp_equal(generation, claims.generation)) co_return InvalidToken();
  if (state == InvitationState::kExpired) co_return Expired(preview.expire_time);
  if (state != InvitationState::kPending) co_return InvalidToken();
  co_return preview;
}

}  // namespace usher::invitations
