#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "pg/rows.h"
#include "storage/gate.h"

// Of the caller, as $1 and $2 of USHER_CALLER_ROLE tell: their role, and whether they have
// ALL_SITES, which some roles need to read events. For CheckReader.
#define USHER_EVENT_READER                                                     \
  USHER_CALLER_ROLE                                                            \
  ", EXISTS (SELECT FROM usher.memberships own WHERE own.organization_id = $1" \
  " AND own.user_id = $2 AND own.site_access = 1)"

// Whether the caller may read the events of the organization, by the gates of events.read ($3, and
// $4 with ALL_SITES). A service may, whether the organization still exists or not.
#define USHER_MAY_READ_EVENTS                                                                     \
  "($2::uuid IS NULL OR (SELECT reader.role = ANY ($3) OR (reader.role = ANY ($4) AND all_sites)" \
  " FROM (SELECT " USHER_EVENT_READER ") reader (role, all_sites)))"

namespace usher::events {

// For $3 and $4 of USHER_MAY_READ_EVENTS.
std::vector<int16_t> ReaderGates();
std::vector<int16_t> AllSitesReaderGates();

// By the two columns of USHER_EVENT_READER. OK, NOT_FOUND ORGANIZATION_NOT_FOUND, or
// PERMISSION_DENIED PERMISSION_MISSING.
absl::Status CheckReader(const pg::Row& row);

}  // namespace usher::events
