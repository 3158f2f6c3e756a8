#include <utility>

#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/paging.h"

// Both directions of one query: keyset paging from ($7, $8), one row more than the page to know
// whether there is a next one.
#define USHER_LIST_INVITATIONS(comparison, direction)                                    \
  "SELECT " USHER_INVITATION_COLUMNS                                                     \
  " FROM usher.invitations i LEFT JOIN usher.users inviter ON inviter.id = i.invited_by" \
  " WHERE i.organization_id = $1 AND " USHER_CALLER_ROLE                                 \
  " = ANY ($3) AND ($4::smallint[] = '{}' OR " USHER_INVITATION_STATE                    \
  " = ANY ($4)) AND ($5::smallint[] = '{}' OR i.role = ANY ($5))"                        \
  " AND ($6::text IS NULL OR i.email_key = $6)"                                          \
  " AND ($7::timestamptz IS NULL OR (i.create_time, i.id) " comparison                   \
  " ($7, $8)) ORDER BY i.create_time " direction ", i.id " direction " LIMIT $9"

namespace usher::invitations {
namespace {

constexpr std::string_view kPermission = "invitations.read";

constexpr pg::Statement kGate{"invitations.list_gate", "SELECT " USHER_CALLER_ROLE,
                              /*read_only=*/true};
constexpr pg::Statement kListNewestFirst{"invitations.list_newest_first",
                                         USHER_LIST_INVITATIONS("<", "DESC"), /*read_only=*/true};
constexpr pg::Statement kListOldestFirst{"invitations.list_oldest_first",
                                         USHER_LIST_INVITATIONS(">", "ASC"), /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<InvitationPage>> Invitations::List(const model::Call& call,
                                                              InvitationQuery query) {
  std::optional<absl::Time> after_time;
  std::optional<model::InvitationId> after_id;
  if (query.after) {
    after_time = query.after->create_time;
    after_id = query.after->id;
  }
  const pg::Statement& list = query.newest_first ? kListNewestFirst : kListOldestFirst;
  pg::Batch batch(call.deadline);
  batch.Add(pg::Bind(kGate, query.organization, storage::CallingUser(call)));
  batch.Add(pg::Bind(list, query.organization, storage::CallingUser(call),
                     storage::GatesFor(kPermission), query.filter.states, query.filter.roles,
                     query.filter.email_key, after_time, after_id, int64_t{query.page_size} + 1));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  CO_CHECK(storage::CheckGate(answers[0][0].Get<storage::Gate>(0), kPermission));

  InvitationPage page;
  const auto read = [](const pg::Row& row) { return ReadInvitation(row, 0); };
  if (storage::TakePage(answers[1], query.page_size, page.invitations, read)) {
    const Invitation& last = page.invitations.back();
    page.next = InvitationCursor{last.create_time, last.id};
  }
  co_return page;
}

}  // namespace usher::invitations
