#include "directory/list_memberships_statements.h"

#include "directory/rows.h"
#include "storage/list_filters.h"

// Nobody has so many memberships that their order needs an index: all that pass are sorted by a
// text in the order of the column. Empty values come last both ways.
#define USHER_MICROSECONDS(time) "to_char(" time " AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')"
#define USHER_SORT_KEY \
  "coalesce(CASE $7 WHEN 'create_time' THEN " USHER_MICROSECONDS("m.create_time")    \
  " WHEN 'update_time' THEN " USHER_MICROSECONDS("m.update_time")                    \
  " WHEN 'end_time' THEN " USHER_MICROSECONDS("m.end_time")                          \
  " WHEN 'role' THEN m.role::text WHEN 'status' THEN (" USHER_MEMBERSHIP_STATUS      \
  ")::text ELSE o.name_key END, '') COLLATE \"C\""
#define USHER_FILTERED_MEMBERSHIPS                                                   \
  " FROM usher.memberships m JOIN usher.organizations o ON o.id = m.organization_id" \
  " WHERE m.user_id = $1 AND ($2::uuid IS NULL OR $2 = m.user_id)"                   \
  " AND ($3::smallint[] = '{}' OR " USHER_MEMBERSHIP_STATUS                          \
  " = ANY ($3))"                                                                     \
  " AND ($4::smallint[] = '{}' OR m.role = ANY ($4))"                                \
  " AND ($5::uuid IS NULL OR EXISTS (SELECT FROM usher.sites s"                      \
  " WHERE s.organization_id = m.organization_id AND s.id = $5)"                      \
  " AND (m.site_access = 1 OR m.site_ids @> ARRAY[$5] OR m.site_group_ids && ARRAY(" \
  "SELECT g.site_group_id FROM usher.site_group_sites g"                             \
  " WHERE g.organization_id = m.organization_id AND g.site_id = $5)))"               \
  " AND ($6::uuid IS NULL OR m.site_group_ids @> ARRAY[$6])"
#define USHER_MEMBERSHIPS_OF_USER(comparison, direction)                                        \
  "WITH p AS (SELECT rank, key, id FROM (SELECT (key = '')::int::smallint AS rank, key, id"     \
  " FROM (SELECT m.organization_id AS id, " USHER_SORT_KEY " AS key" USHER_FILTERED_MEMBERSHIPS \
  ") keyed) ranked"                                                                             \
  " WHERE rank > $8 OR rank = $8 AND (key, id) " comparison                                     \
  " ($9, $10)"                                                                                  \
  " ORDER BY rank, key " direction ", id " direction                                            \
  " LIMIT $11)"                                                                                 \
  " SELECT p.rank, p.key, p.id, " USHER_MEMBERSHIP_COLUMNS                                      \
  " FROM p JOIN usher.memberships m ON m.organization_id = p.id AND m.user_id = $1"             \
  " JOIN usher.users u ON u.id = m.user_id"                                                     \
  " JOIN usher.organizations o ON o.id = m.organization_id"                                     \
  " ORDER BY p.rank, p.key " direction ", p.id " direction

namespace usher::directory {
namespace {

using storage::ListOrder;
using storage::ListSource;
using Key = ListOrder::Key;

constexpr ListSource kMembers{
    .alias = "m",
    .table = "usher.memberships m",
    .id = "m.user_id",
    .columns =
        "m.user_id, m.role, m.status, m.site_access, m.site_group_ids, m.site_ids, m.end_time,"
        " m.create_time, m.update_time, m.email_key, m.first_name_key, m.last_name_key, m.search",
    .always = "m.organization_id = $1",
    .filter = "($9::smallint[] = '{}' OR " USHER_MEMBERSHIP_STATUS
              " = ANY ($9)) AND " USHER_LIST_FILTERS("m"),
};

constexpr const char* kJoins =
    "JOIN usher.memberships m ON m.organization_id = $1 AND m.user_id = p.id"
    " JOIN usher.users u ON u.id = m.user_id JOIN usher.organizations o ON o.id = $1";

// A column that every row has.
ListOrder Full(std::string_view column, Key key, std::string_view value) {
  return {column, key, {{&kMembers, 0, "true", value}}};
}

ListOrder Optional(std::string_view column, Key key, std::string_view value,
                   std::string_view present, std::string_view missing) {
  return {column,
          key,
          {{&kMembers, 0, present, value}, {&kMembers, 1, missing, value, /*empty=*/true}}};
}

std::vector<ListOrder> Orders() {
  return {
      Full("create_time", Key::kTime, "m.create_time"),
      Full("update_time", Key::kTime, "m.update_time"),
      Optional("end_time", Key::kTime, "m.end_time", "m.end_time IS NOT NULL",
               "m.end_time IS NULL"),
      Full("role", Key::kNumber, "m.role"),
      Full("email", Key::kText, "m.email_key"),
      Optional("first_name", Key::kText, "m.first_name_key", "m.first_name_key IS NOT NULL",
               "m.first_name_key IS NULL"),
      Optional("last_name", Key::kText, "m.last_name_key", "m.last_name_key IS NOT NULL",
               "m.last_name_key IS NULL"),
      {"status",
       Key::kTime,
       {{&kMembers, 1, "m.status = 1 AND NOT " USHER_MEMBERSHIP_ENDED, "m.create_time"},
        {&kMembers, 2, "m.status = 2 AND NOT " USHER_MEMBERSHIP_ENDED, "m.create_time"},
        {&kMembers, 3, "m.end_time <= usher.now()", "m.create_time"}},
       /*ranks_turn=*/true},
  };
}

}  // namespace

const pg::Statement kMembershipsOfUser{"directory.list_memberships_of_user",
                                       USHER_MEMBERSHIPS_OF_USER(">", "ASC"), /*read_only=*/true};
const pg::Statement kMembershipsOfUserDescending{"directory.list_memberships_of_user_descending",
                                                 USHER_MEMBERSHIPS_OF_USER("<", "DESC"),
                                                 /*read_only=*/true};
const pg::Statement kCountMembershipsOfUser{"directory.count_memberships_of_user",
                                            "SELECT count(*)::int" USHER_FILTERED_MEMBERSHIPS,
                                            /*read_only=*/true};

const storage::ListStatements& MembershipsOfOrganization() {
  static const storage::ListStatements statements(
      {"directory.list_memberships", {&kMembers}, USHER_MEMBERSHIP_COLUMNS, kJoins}, Orders());
  return statements;
}

}  // namespace usher::directory
