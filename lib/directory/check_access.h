#pragma once

#include "absl/status/status.h"
#include "directory/access.h"
#include "model/access.h"
#include "model/caller.h"
#include "pg/rows.h"
#include "storage/gate.h"

// What is asked about a membership `m`, as Decide reads it, and a site; both ids are expressions.
// A site is looked for by a scalar query, which is never answered by reading all sites.
#define USHER_ACCESS_FACTS(organization, site)                                         \
  "m.role, m.site_access, m.status, coalesce(m.end_time <= usher.now(), false), "      \
  "coalesce((SELECT true FROM usher.sites s WHERE s.organization_id = " organization   \
  " AND s.id = " site                                                                  \
  " LIMIT 1), false), "                                                                \
  "coalesce(CASE m.site_access WHEN 1 THEN true"                                       \
  " WHEN 2 THEN EXISTS (SELECT FROM usher.site_group_sites g WHERE g.organization_id " \
  "= " organization " AND g.site_id = " site                                           \
  " AND g.site_group_id = ANY (m.site_group_ids))"                                     \
  " ELSE " site " = ANY (m.site_ids) END, false)"

// The columns of a membership `m` that it is made of.
#define USHER_ACCESS_COLUMNS \
  "m.role, m.site_access, m.status, m.end_time, m.site_group_ids, m.site_ids"

// The position up to which a statement sees all changes: below the oldest transaction that runs.
#define USHER_POSITION_READ "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text"

namespace usher::directory {

// Whether the caller may ask about the user: oneself, services, and holders of members.read, to
// whom `gate` is their role in the organization.
absl::Status CheckMayAsk(const model::Call& call, model::UserId user, storage::Gate gate);

// The answer by USHER_ACCESS_FACTS.
model::AccessDecision Decide(const pg::Row& row, int first_column, const AccessQuestion& question);

}  // namespace usher::directory
