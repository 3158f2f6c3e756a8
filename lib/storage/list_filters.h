#pragma once

// What filters of lists ask of a row that has a role, a site access and a text to search; see
// storage/list.h for the parameters and the words in braces.

// Whether $9 asks for one of these statuses at all: what leaves a whole branch or source out.
#define USHER_ASKED_FOR(statuses) \
  "($9::smallint[] = '{}' OR $9::smallint[] && '{" statuses "}'::smallint[])"

// $10, any of these roles.
#define USHER_ROLES_FILTER(row) "($10::smallint[] = '{}' OR " row ".role = ANY ($10))"
// $11, the needle.
#define USHER_SEARCH_FILTER(row) "($11 = '' OR {match})"
// $12, a site that the row's site access includes: by all sites, by a group that has it now, or by
// name.
#define USHER_SITE_FILTER(row)                                                              \
  "($12::uuid IS NULL OR EXISTS (SELECT FROM usher.sites s WHERE s.organization_id = $1"    \
  " AND s.id = $12) AND (" row ".site_access = 1 OR " row ".site_ids @> ARRAY[$12] OR " row \
  ".site_group_ids && ARRAY(SELECT g.site_group_id FROM usher.site_group_sites g"           \
  " WHERE g.organization_id = $1 AND g.site_id = $12)))"
// $13, a site group that it names.
#define USHER_SITE_GROUP_FILTER(row) "($13::uuid IS NULL OR " row ".site_group_ids @> ARRAY[$13])"

// All of them.
#define USHER_LIST_FILTERS(row)                                                                    \
  USHER_ROLES_FILTER(row)                                                                          \
  " AND " USHER_SEARCH_FILTER(row) " AND " USHER_SITE_FILTER(row) " AND " USHER_SITE_GROUP_FILTER( \
      row)
