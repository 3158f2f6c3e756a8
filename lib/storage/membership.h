#pragma once

#include "storage/gate.h"

// Whether the membership by this name goes on: one whose time is over stays readable, and counts
// for nothing else.
#define USHER_GOES_ON(m) "(" m ".end_time IS NULL OR " m ".end_time > usher.now())"

// USHER_CALLER_ROLE for a statement that leaves something behind in the caller's name: it holds
// their membership to its end, so that whoever takes the right away from them sees what they have
// left. Who has lost one of `gates` while the statement waited for that is as one without the
// right.
#define USHER_HELD_CALLER_ROLE(gates)                                                  \
  "(SELECT CASE WHEN $2::uuid IS NOT NULL AND seen.role = ANY (" gates                 \
  ") AND NOT EXISTS (SELECT FROM usher.memberships own WHERE own.organization_id = $1" \
  " AND own.user_id = $2 AND own.role = ANY (" gates                                   \
  ") AND own.status = 1 FOR SHARE) THEN (-1)::smallint ELSE seen.role END FROM "       \
  "(SELECT " USHER_CALLER_ROLE " AS role) seen)"
