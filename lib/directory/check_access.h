#pragma once

#include "absl/status/status.h"
#include "directory/access.h"
#include "directory/access_copy.h"
#include "directory/access_facts.h"
#include "model/caller.h"
#include "pg/rows.h"
#include "storage/gate.h"

// What is asked about a membership `m` and a site, as FactsRow reads it; both ids are expressions.
// A site is looked for by a scalar query, which is never answered by reading all sites.
#define USHER_ACCESS_FACTS(organization, site)                                          \
  "m.role, m.status, m.end_time, m.site_access, m.site_group_ids, m.site_ids, "         \
  "coalesce((SELECT true FROM usher.sites s WHERE s.organization_id = " organization    \
  " AND s.id = " site                                                                   \
  " LIMIT 1), false), "                                                                 \
  "ARRAY(SELECT g.site_group_id FROM usher.site_group_sites g WHERE g.organization_id " \
  "= " organization " AND g.site_id = " site ")"

// The columns of a membership `m` that it is made of.
#define USHER_ACCESS_COLUMNS \
  "m.role, m.site_access, m.status, m.end_time, m.site_group_ids, m.site_ids"

// Where the facts come from, as FactsRow reads it, and the time there.
#define USHER_FACTS_SOURCE USHER_POSITION_READ ", pg_postmaster_start_time(), usher.now()"

// The position up to which a statement sees all changes: below the oldest transaction that runs.
#define USHER_POSITION_READ "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text"

namespace usher::directory {

// Whether the caller may ask about the user: oneself, services, and holders of members.read, to
// whom `gate` is their role in the organization.
absl::Status CheckMayAsk(const model::Call& call, model::UserId user, storage::Gate gate);

// What an access check's row tells, from USHER_FACTS_SOURCE and USHER_ACCESS_FACTS.
struct FactsRow {
  FactsRow(const pg::Row& row, int first_column);

  FactsSource source;
  absl::Time now;
  std::optional<MemberFacts> member;
  SiteFacts site;
};

}  // namespace usher::directory
