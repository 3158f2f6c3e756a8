#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "model/ids.h"
#include "model/refusal.h"
#include "model/refusals.h"
#include "pg/batch.h"
#include "pg/rows.h"
#include "storage/seats.h"

// Whether the organization `o` limits anything at all. Most limit nothing, and pay nothing for it.
#define USHER_LIMITED                                            \
  "(o.seat_limit > 0 OR o.pending_limit > 0 OR o.mails_per_hour" \
  " > 0 OR o.mails_per_hour_per_inviter > 0 OR o.mails_per_hour_per_recipient > 0)"

// The PENDING invitations of the organization `o`.
#define USHER_PENDING_NOW                                                    \
  "(SELECT count(*) FROM usher.invitations w WHERE w.organization_id = o.id" \
  " AND w.state = 1 AND w.expire_time > usher.now())"

// The invitations mailed in the last hour that `which` chooses of usher.mails `m`, and when there
// will be room for one more: once the oldest of the newest `limit` is an hour old. No row unless
// `counts`.
#define USHER_MAILS_OF_THE_HOUR(from, which, limit, counts)                            \
  "SELECT count(*) AS sent, (array_agg(m.create_time ORDER BY m.create_time DESC))"    \
  "[least(count(*), " limit ")] - usher.now() + interval '1 hour' AS again FROM " from \
  " WHERE " counts " AND " which                                                       \
  " AND m.kind = 1 AND m.create_time > usher.now() - interval '1 hour' "               \
  "HAVING " counts

// The columns of the limits of the organization `o`, of which `own` and `hour` below are part, and
// how much more there may be: of members (`seats`), pending invitations and mails. NULL: as many as
// you like. `mailed` is whether a mail is queued at all, $2 the calling user.
#define USHER_ROOM                                                                       \
  "o.seat_limit, o.pending_limit, o.mails_per_hour, o.mails_per_hour_per_inviter,"       \
  " o.mails_per_hour_per_recipient,"                                                     \
  " CASE WHEN o.seat_limit > 0 THEN CASE"                                                \
  " WHEN o.seat_mode = 2 THEN o.seat_limit - " USHER_MEMBERS_NOW " - " USHER_PENDING_NOW \
  " WHEN o.seat_limit <= " USHER_MEMBERS_NOW                                             \
  " THEN 0 END END AS seats,"                                                            \
  " CASE WHEN o.pending_limit > 0 THEN o.pending_limit - " USHER_PENDING_NOW             \
  " END AS room,"                                                                        \
  " o.mails_per_hour - hour.sent AS mails, hour.again AS mails_again,"                   \
  " o.mails_per_hour_per_inviter - own.sent AS own_mails, own.again AS own_again"
#define USHER_ROOM_FROM(mailed) \
  " LEFT JOIN LATERAL (" USHER_MAILS_OF_THE_HOUR(                                      \
      "usher.mails m", "m.organization_id = o.id", "o.mails_per_hour",                 \
      "o.mails_per_hour > 0 AND " mailed) ") hour ON true"                             \
  " LEFT JOIN LATERAL (" USHER_MAILS_OF_THE_HOUR(                                      \
      "usher.mails m", "m.organization_id = o.id AND m.requested_by = $2",             \
      "o.mails_per_hour_per_inviter",                                                  \
      "o.mails_per_hour_per_inviter > 0 AND $2 IS NOT NULL AND " mailed) ") own ON true"
// Likewise the mails to an address, as a query for LEFT JOIN LATERAL.
#define USHER_MAILS_TO(email_key, mailed)                                                        \
  USHER_MAILS_OF_THE_HOUR(                                                                       \
      "usher.invitations x JOIN usher.mails m ON m.organization_id = x.organization_id"          \
      " AND m.invitation_id = x.id",                                                             \
      "x.organization_id = o.id AND x.email_key = " email_key, "o.mails_per_hour_per_recipient", \
      "o.mails_per_hour_per_recipient > 0 AND " mailed)

namespace usher::invitations {

// The first statement of a change that locks an invitation and then adds rows to its organization.
// It keeps the organization from being deleted between the two, which would be a deadlock, and
// makes changes of a limited organization wait for each other, so that what they count stays true:
// a statement's snapshot is as old as its start, hence before it, in the same batch.
pg::Bound LockOrganization(model::OrganizationId organization);

// The limits that stand in a change's way, as USHER_ROOM and the statement that uses it tell them.
struct Limits {
  bool seats = false;
  bool pending = false;
  bool mails = false;
  bool inviter_mails = false;
  bool recipient_mails = false;
  // When a mail will be let through again; none: an hour from now.
  std::optional<absl::Duration> mails_again, inviter_again, recipient_again;
  int32_t seat_limit = 0;
  int32_t pending_limit = 0;
  int32_t mails_per_hour = 0;
  int32_t mails_per_hour_per_inviter = 0;
  int32_t mails_per_hour_per_recipient = 0;
};

// From the columns in the order above.
Limits ReadLimits(const pg::Row& row, int first_column);

// Adds RESOURCE_EXHAUSTED SEAT_LIMIT, PENDING_LIMIT and RATE_LIMIT for those in the way.
void AddLimits(model::OrganizationId organization, const Limits& limits, model::Refusals& refusals);

using storage::NoSeat;

}  // namespace usher::invitations
