#pragma once

#include "directory/directory.h"
#include "pg/batch.h"
#include "pg/rows.h"
#include "storage/membership_columns.h"

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

using storage::ReadMembership;

// NOT_FOUND MEMBERSHIP_NOT_FOUND.
absl::Status NoMember();

}  // namespace usher::directory
