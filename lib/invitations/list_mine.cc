#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "model/refusal.h"
#include "storage/codecs.h"
#include "storage/paging.h"

namespace usher::invitations {
namespace {

// Of one person, so across organizations: found by invitations_email_idx.
constexpr pg::Statement kListMine{"invitations.list_mine", R"sql(
  SELECT )sql" USHER_PREVIEW_COLUMNS R"sql(
  FROM usher.invitations i JOIN usher.organizations o ON o.id = i.organization_id
  LEFT JOIN usher.users inviter ON inviter.id = i.invited_by
  WHERE i.email_key = coalesce($1, (SELECT u.email_key FROM usher.users u WHERE u.id = $2))
    AND i.open AND i.state = 1 AND i.expire_time > usher.now()
    AND ($3::timestamptz IS NULL OR (i.create_time, i.id) < ($3, $4))
  ORDER BY i.create_time DESC, i.id DESC LIMIT $5)sql",
                                  /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<PreviewPage>> Invitations::ListMine(const model::Call& call,
                                                               MyInvitationsQuery query) {
  if (query.email && !query.email_verified) {
    co_return model::Refuse(absl::StatusCode::kPermissionDenied, model::Reason::kEmailUnverified,
                            "Verify your e-mail address to see its invitations.");
  }
  std::optional<std::string> email_key;
  if (query.email) email_key = query.email->key();
  std::optional<absl::Time> after_time;
  std::optional<model::InvitationId> after_id;
  if (query.after) {
    after_time = query.after->create_time;
    after_id = query.after->id;
  }
  auto list = pg::Bind(kListMine, email_key, query.user, after_time, after_id,
                       int64_t{query.page_size} + 1);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(list)));

  PreviewPage page;
  const auto read = [](const pg::Row& row) { return ReadPreview(row, 0); };
  if (storage::TakePage(rows, query.page_size, page.previews, read)) {
    const InvitationPreview& last = page.previews.back();
    page.next = InvitationCursor{last.create_time, last.id};
  }
  co_return page;
}

}  // namespace usher::invitations
