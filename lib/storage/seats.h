#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "model/ids.h"
#include "storage/membership.h"

// Who takes a seat of the organization `o`: members whose time is not over, suspended ones too.
#define USHER_MEMBERS_NOW                                                    \
  "(SELECT count(*) FROM usher.memberships s WHERE s.organization_id = o.id" \
  " AND " USHER_GOES_ON("s") ")"

// Whether the organization `o` takes another member. Exact under the lock of its row.
#define USHER_SEAT_FREE "(o.seat_limit = 0 OR o.seat_limit > " USHER_MEMBERS_NOW ")"

namespace usher::storage {

// RESOURCE_EXHAUSTED SEAT_LIMIT, with the limit that is met.
absl::Status NoSeat(model::OrganizationId organization, int32_t seat_limit);

}  // namespace usher::storage
