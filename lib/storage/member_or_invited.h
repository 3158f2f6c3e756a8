#pragma once

#include "absl/status/status.h"
#include "model/ids.h"
#include "storage/membership.h"

// An address is a member's or has a PENDING invitation in an organization, never both. A membership
// whose time is over is neither, and may be taken up again: so whoever invites its address holds
// it, and whoever takes it up, holding it too, looks for an invitation in a statement after that.

// The memberships that the addresses `which` chooses of usher.users `u` have in the organization
// $1, held; as a WITH query. Whether one goes on is to be asked of its row, which is the newest
// then.
#define USHER_HELD_MEMBERSHIPS(which)                                        \
  "SELECT u.email_key, m.user_id, m.end_time FROM usher.users u"             \
  " JOIN usher.memberships m ON m.user_id = u.id AND m.organization_id = $1" \
  " WHERE " which " ORDER BY m.user_id FOR SHARE OF m"

// The PENDING invitation of a user's address in the organization $1.
#define USHER_PENDING_INVITATION_OF(user)                                               \
  "(SELECT p.id FROM usher.users w JOIN usher.invitations p"                            \
  " ON p.organization_id = $1 AND p.email_key = w.email_key AND p.open AND p.state = 1" \
  " AND p.expire_time > usher.now() WHERE w.id = " user ")"

namespace usher::storage {

// ALREADY_EXISTS INVITATION_EXISTS, with the pending invitation in the metadata.
absl::Status InvitationExists(model::InvitationId id);

}  // namespace usher::storage
