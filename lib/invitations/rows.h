#pragma once

#include <string_view>
#include <vector>

#include "invitations/invitations.h"
#include "pg/rows.h"
#include "storage/mails.h"
#include "storage/site_access_columns.h"

// The state of a row of usher.invitations named `i`, as everybody sees it: EXPIRED is a
// comparison, not a job.
#define USHER_INVITATION_STATE \
  "(CASE WHEN i.state = 1 AND i.expire_time <= usher.now() THEN 5 ELSE i.state END)::smallint"

// The stored columns from which USHER_INVITATION_COLUMNS are made: for RETURNING, and for WITH
// queries that are named `i` in their turn.
#define USHER_INVITATION_STORED                                                                  \
  "i.organization_id, i.id, i.email, i.first_name, i.last_name, i.role, i.site_access, "         \
  "i.site_group_ids, i.site_ids, i.state, i.generation, i.expire_time, i.invited_by, i.locale, " \
  "i.note, i.redirect_uri, i.metadata, i.delivery, i.delivery_code, i.delivery_detail, "         \
  "i.delivery_attempts, i.sent_time, i.user_id, i.accept_time, i.decline_time, i.cancel_time, "  \
  "i.revision, i.create_time, i.update_time"

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

// The columns that ReadPreview reads, of `i`, its organization `o` and its inviter's row.
#define USHER_PREVIEW_COLUMNS                                                      \
  "i.organization_id, i.id, o.name, "                                              \
  "coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), i.email, "  \
  "i.first_name, i.last_name, i.role, i.site_access = 1, "                         \
  "ARRAY(SELECT g.name FROM usher.site_groups g"                                   \
  " WHERE g.organization_id = i.organization_id AND g.id = ANY (i.site_group_ids)" \
  " ORDER BY g.name_key), "                                                        \
  "ARRAY(SELECT s.name FROM usher.sites s"                                         \
  " WHERE s.organization_id = i.organization_id AND s.id = ANY (i.site_ids)"       \
  " ORDER BY s.name_key), "                                                        \
  "i.note, i.locale, i.redirect_uri, i.create_time, i.expire_time"

// Whether an expiry that the call gives as an instant is one that model::kShortestLifetime and
// model::kLongestLifetime allow. Here and not before, since the instant is by the database's clock.
#define USHER_EXPIRY_ALLOWED(time)          \
  "(" time "::timestamptz IS NULL OR " time \
  " BETWEEN usher.now() + interval '5 minutes' AND usher.now() + interval '365 days')"

namespace usher::invitations {

Invitation ReadInvitation(const pg::Row& row, int first_column);

InvitationPreview ReadPreview(const pg::Row& row, int first_column);

// NOT_FOUND INVITATION_NOT_FOUND.
absl::Status NoSuchInvitation();
using model::InvalidToken;
// FAILED_PRECONDITION INVITATION_EXPIRED.
absl::Status Expired(absl::Time expire_time);
// FAILED_PRECONDITION WRONG_STATE, with the state in the metadata.
absl::Status WrongState(model::InvitationState state, std::string_view message);
// ABORTED ETAG_MISMATCH.
absl::Status Changed();
// ALREADY_EXISTS MEMBER_EXISTS, with the member in the metadata.
absl::Status MemberExists(model::UserId member);
// INVALID_ARGUMENT with the place of each id that the organization does not have and with
// expire_time when that is too soon or too late, or OK.
absl::Status CheckFields(bool expiry_allowed, const storage::SiteAccessColumns& access,
                         const std::vector<model::SiteGroupId>& unknown_groups,
                         const std::vector<model::SiteId>& unknown_sites);

}  // namespace usher::invitations
