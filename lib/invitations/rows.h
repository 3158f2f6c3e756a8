#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "invitations/invitations.h"
#include "pg/rows.h"
#include "storage/mails.h"
#include "storage/member_or_invited.h"
#include "storage/site_access_columns.h"

// The state of a row of usher.invitations named `i`, as everybody sees it: EXPIRED is a
// comparison, not a job.
#define USHER_INVITATION_STATE \
  "(CASE WHEN i.state = 1 AND i.expire_time <= usher.now() THEN 5 ELSE i.state END)::smallint"

// When sending the mail of `i` is tried next, while it waits. A mail that the same statement has
// written is not to be seen in it yet, and due at once. The table of mails is looked at only for
// those that wait.
#define USHER_NEXT_ATTEMPT                                                                       \
  "CASE WHEN i.delivery = 2 AND i.state = 1 THEN coalesce("                                      \
  "(SELECT m.next_attempt_time FROM usher.mails m WHERE m.organization_id = i.organization_id"   \
  " AND m.invitation_id = i.id AND m.generation = i.generation AND m.kind = 1 AND m.state = 1)," \
  " i.update_time) END"

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
#define USHER_INVITATION_COLUMNS                                                           \
  "i.organization_id, i.id, i.email, i.first_name, i.last_name, i.role, i.site_access, "   \
  "i.site_group_ids, i.site_ids, " USHER_INVITATION_STATE                                  \
  ", i.generation, i.expire_time, inviter.id, "                                            \
  "coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), i.locale, i.note, " \
  "i.redirect_uri, i.metadata::text, i.delivery, i.delivery_code, i.delivery_detail, "     \
  "i.delivery_attempts, i.sent_time, " USHER_NEXT_ATTEMPT                                  \
  ", i.user_id, i.accept_time, i.decline_time, i.cancel_time, "                            \
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

// Deletes the invitations of the WITH query `found` (id, seen, as locked), and writes the events of
// those `deleted`. Their mails go with them. What an event keeps is what nobody can read any more.
#define USHER_DELETE_INVITATIONS(which)                                                      \
  "DELETE FROM usher.invitations i USING found"                                              \
  " WHERE i.organization_id = $1 AND i.id = found.id AND found.seen IN (3, 4, 5) AND " which \
  " RETURNING i.id, i.email, i.role, i.site_access, i.site_group_ids, i.site_ids,"           \
  " i.generation, i.expire_time, found.seen"
#define USHER_DELETED_EVENTS(origin)                                                    \
  "INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin," \
  " before, create_time)"                                                               \
  " SELECT $1, 'invitation.deleted', d.id, $2, " origin                                 \
  "::jsonb,"                                                                            \
  " jsonb_build_object('state', d.seen, 'email', d.email, 'role', d.role,"              \
  " 'site_access', d.site_access, 'site_group_ids', d.site_group_ids,"                  \
  " 'site_ids', d.site_ids, 'generation', d.generation, 'expire_time', d.expire_time)," \
  " usher.now() FROM deleted d"

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
using storage::InvitationExists;
// FAILED_PRECONDITION RECIPIENT_OPTED_OUT.
absl::Status OptedOut();
// FAILED_PRECONDITION SITE_GROUP_NOT_FOUND or SITE_NOT_FOUND: what an invitation was made for has
// been deleted since.
absl::Status PlaceGone(bool site_group);
// ABORTED CONFLICT.
absl::Status Conflict();
// INVALID_ARGUMENT with the place of each id that the organization does not have, below `field`,
// and with expire_time when that is too soon or too late, or OK.
absl::Status CheckFields(bool expiry_allowed, const std::string& field,
                         const storage::SiteAccessColumns& access,
                         const std::vector<model::SiteGroupId>& unknown_groups,
                         const std::vector<model::SiteId>& unknown_sites);

}  // namespace usher::invitations
