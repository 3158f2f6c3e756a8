#pragma once

#include "directory/directory.h"
#include "pg/batch.h"
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

// What events tell of a membership `m`.
#define USHER_MEMBERSHIP_JSON                                                           \
  "jsonb_build_object('role', m.role, 'site_access', m.site_access, 'site_group_ids', " \
  "m.site_group_ids, 'site_ids', m.site_ids, 'metadata', m.metadata, 'end_time', m.end_time)"

// The user of a MembershipName, as an SQL expression: $3 the id, else $4 the e-mail key.
#define USHER_NAMED_USER \
  "coalesce($3, (SELECT named.id FROM usher.users named WHERE named.email_key = $4))"

namespace usher::directory {

// Asks for the caller's gate, whether there is a membership of that name, and its columns.
pg::Bound FindMembership(const model::Call& call, const MembershipName& name);

Membership ReadMembership(const pg::Row& row, int first_column);

// NOT_FOUND MEMBERSHIP_NOT_FOUND.
absl::Status NoMember();

}  // namespace usher::directory
