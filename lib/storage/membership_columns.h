#pragma once

#include "model/membership.h"
#include "pg/rows.h"

// Whether a membership `m` is over, by the database's clock.
#define USHER_MEMBERSHIP_ENDED "coalesce(m.end_time <= usher.now(), false)"

// Its status as everybody sees it.
#define USHER_MEMBERSHIP_STATUS \
  "(CASE WHEN " USHER_MEMBERSHIP_ENDED " THEN 3 ELSE m.status END)::smallint"

// The columns that ReadMembership reads, of a membership `m`, its user `u` and organization `o`.
#define USHER_MEMBERSHIP_COLUMNS                                                                \
  "m.organization_id, o.name, u.id, u.email, u.first_name, u.last_name, u.locale, u.revision, " \
  "u.last_access_time, u.create_time, u.update_time, m.role, m.site_access, "                   \
  "m.site_group_ids, m.site_ids, m.status, " USHER_MEMBERSHIP_ENDED                             \
  ", m.metadata::text, m.end_time, m.invitation_id, m.revision, m.create_time, m.update_time"

// The stored columns from which these are made: for RETURNING, and for WITH queries that are named
// `m` in their turn.
#define USHER_MEMBERSHIP_STORED                                                         \
  "m.organization_id, m.user_id, m.role, m.site_access, m.site_group_ids, m.site_ids, " \
  "m.status, m.metadata, m.end_time, m.invitation_id, m.revision, m.create_time, m.update_time"

namespace usher::storage {

model::Membership ReadMembership(const pg::Row& row, int first_column);

}  // namespace usher::storage
