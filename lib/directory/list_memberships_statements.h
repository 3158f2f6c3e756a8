#pragma once

#include "pg/batch.h"
#include "storage/list.h"

namespace usher::directory {

// The memberships of an organization; the columns of USHER_MEMBERSHIP_COLUMNS.
const storage::ListStatements& MembershipsOfOrganization();

// The memberships of a user ($1) that pass the filters $3 to $6 (statuses, roles, site, site
// group), ordered by the column $7 from the cursor $8 $9 $10 on, $11 of them. $2 is the caller: to
// services and to themselves.
extern const pg::Statement kMembershipsOfUser;
extern const pg::Statement kMembershipsOfUserDescending;
extern const pg::Statement kCountMembershipsOfUser;

}  // namespace usher::directory
