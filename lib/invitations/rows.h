#pragma once

#include "invitations/invitations.h"
#include "pg/rows.h"

// The state of a row of usher.invitations named `i`, as everybody sees it: EXPIRED is a
// comparison, not a job.
#define USHER_INVITATION_STATE \
  "(CASE WHEN i.state = 1 AND i.expire_time <= usher.now() THEN 5 ELSE i.state END)::smallint"

// The columns that ReadInvitation reads, of `i` and of its inviter's row `inviter` (an outer join:
// a missing inviter never drops an invitation).
#define USHER_INVITATION_COLUMNS                                                                \
  "i.organization_id, i.id, i.email, i.first_name, i.last_name, i.role, i.site_access, "        \
  "i.site_group_ids, i.site_ids, " USHER_INVITATION_STATE                                       \
  ", i.generation, i.expire_time, inviter.id, "                                                 \
  "coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), i.locale, i.note, "      \
  "i.redirect_uri, i.metadata::text, i.delivery, i.delivery_code, i.delivery_detail, "          \
  "i.delivery_attempts, i.sent_time, i.user_id, i.accept_time, i.decline_time, i.cancel_time, " \
  "i.revision, i.create_time, i.update_time"

namespace usher::invitations {

Invitation ReadInvitation(const pg::Row& row, int first_column);

// NOT_FOUND INVITATION_INVALID: the one answer to every token that opens nothing.
absl::Status InvalidToken();
// FAILED_PRECONDITION INVITATION_EXPIRED.
absl::Status Expired(absl::Time expire_time);

}  // namespace usher::invitations
