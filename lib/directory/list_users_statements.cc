#include "directory/list_users_statements.h"

#include "storage/list_filters.h"

namespace usher::directory {
namespace {

using storage::ListBranch;
using storage::ListOrder;
using storage::ListSource;
using Key = ListOrder::Key;

constexpr ListSource kMembers{
    .alias = "m",
    .table = "usher.memberships m",
    .id = "m.user_id",
    .columns =
        "m.user_id, m.role, m.status, m.site_access, m.site_group_ids, m.site_ids,"
        " m.site_access_key, m.end_time, m.create_time, m.email_key, m.first_name_key,"
        " m.last_name_key, m.search",
    .always =
        "m.organization_id = $1 AND (m.end_time IS NULL OR m.end_time > usher.now())"
        " AND " USHER_ASKED_FOR("1,2"),
    .filter = "($9::smallint[] = '{}' OR m.status = ANY ($9)) AND " USHER_LIST_FILTERS("m"),
};

// Members in the order of a narrow table that has a row for each.
constexpr ListSource kMembersByAccess{
    .alias = kMembers.alias,
    .table =
        "usher.member_accesses a JOIN usher.memberships m"
        " ON m.organization_id = $1 AND m.user_id = a.user_id",
    .id = "a.user_id",
    .columns = kMembers.columns,
    .always =
        "a.organization_id = $1 AND (m.end_time IS NULL OR m.end_time > usher.now())"
        " AND " USHER_ASKED_FOR("1,2"),
    .filter = kMembers.filter,
};

// The question for a member of the address is a scalar one, so that it is asked row by row and
// never becomes a join with all members.
constexpr ListSource kInvitations{
    .alias = "i",
    .table = "usher.invitations i",
    .id = "i.id",
    .columns =
        "i.id, i.role, i.state, i.site_access, i.site_group_ids, i.site_ids,"
        " i.site_access_key, i.expire_time, i.create_time, i.email_key, i.first_name_key,"
        " i.last_name_key, i.search",
    .always =
        "i.organization_id = $1 AND i.open AND (SELECT true FROM usher.memberships p"
        " WHERE p.organization_id = $1 AND p.email_key = i.email_key COLLATE \"C\""
        " AND (p.end_time IS NULL OR p.end_time > usher.now()) LIMIT 1) IS NULL"
        " AND " USHER_ASKED_FOR("3,4,5"),
    .filter =
        "($9::smallint[] = '{}'"
        " OR 3 = ANY ($9) AND i.state = 1 AND i.expire_time > usher.now()"
        " OR 4 = ANY ($9) AND i.state = 1 AND i.expire_time <= usher.now()"
        " OR 5 = ANY ($9) AND i.state = 3) AND " USHER_LIST_FILTERS("i"),
};

constexpr const char* kColumns =
    "CASE p.source WHEN 'm' THEN p.id END, CASE p.source WHEN 'i' THEN p.id END,"
    " coalesce(u.first_name, i.first_name), coalesce(u.last_name, i.last_name),"
    " coalesce(u.email, i.email), coalesce(m.role, i.role), coalesce(m.site_access, i.site_access),"
    " coalesce(m.site_group_ids, i.site_group_ids), coalesce(m.site_ids, i.site_ids),"
    " coalesce(m.status, CASE WHEN i.state = 3 THEN 5 WHEN i.expire_time <= usher.now() THEN 4"
    " ELSE 3 END)::smallint, u.last_access_time, coalesce(m.end_time, i.expire_time),"
    " coalesce(m.create_time, i.create_time)";

constexpr const char* kJoins =
    "LEFT JOIN usher.memberships m"
    " ON p.source = 'm' AND m.organization_id = $1 AND m.user_id = p.id"
    " LEFT JOIN usher.users u ON u.id = m.user_id"
    " LEFT JOIN usher.invitations i"
    " ON p.source = 'i' AND i.organization_id = $1 AND i.id = p.id";

ListBranch ByAccess(int rank, std::string_view condition, bool empty) {
  return {.source = &kMembersByAccess,
          .rank = rank,
          .condition = condition,
          .key = "a.last_access_time",
          .empty = empty,
          .find_from =
              " JOIN usher.member_accesses a"
              " ON a.organization_id = $1 AND a.user_id = m.user_id"};
}

// A column that every row has.
ListOrder Full(std::string_view column, Key key, std::string_view member,
               std::string_view invitation) {
  return {column, key, {{&kMembers, 0, "true", member}, {&kInvitations, 0, "true", invitation}}};
}

ListOrder Names(std::string_view column, std::string_view member, std::string_view member_has,
                std::string_view member_lacks, std::string_view invitation,
                std::string_view invitation_has, std::string_view invitation_lacks) {
  return {column,
          Key::kText,
          {{&kMembers, 0, member_has, member},
           {&kInvitations, 0, invitation_has, invitation},
           {&kMembers, 1, member_lacks, member, /*empty=*/true},
           {&kInvitations, 1, invitation_lacks, invitation, /*empty=*/true}}};
}

std::vector<ListOrder> Orders() {
  return {
      Names("first_name", "m.first_name_key", "m.first_name_key IS NOT NULL",
            "m.first_name_key IS NULL", "i.first_name_key", "i.first_name_key IS NOT NULL",
            "i.first_name_key IS NULL"),
      Names("last_name", "m.last_name_key", "m.last_name_key IS NOT NULL",
            "m.last_name_key IS NULL", "i.last_name_key", "i.last_name_key IS NOT NULL",
            "i.last_name_key IS NULL"),
      Full("email", Key::kText, "m.email_key", "i.email_key COLLATE \"C\""),
      Full("role", Key::kNumber, "m.role", "i.role"),
      Full("site_access", Key::kNumber, "m.site_access_key", "i.site_access_key"),
      Full("create_time", Key::kTime, "m.create_time", "i.create_time"),
      {"status",
       Key::kTime,
       {{&kMembers, 1, "m.status = 1 AND " USHER_ASKED_FOR("1"), "m.create_time"},
        {&kMembers, 2, "m.status = 2 AND " USHER_ASKED_FOR("2"), "m.create_time"},
        {&kInvitations, 3, "i.state = 1 AND i.expire_time > usher.now() AND " USHER_ASKED_FOR("3"),
         "i.expire_time"},
        {&kInvitations, 4, "i.state = 1 AND i.expire_time <= usher.now() AND " USHER_ASKED_FOR("4"),
         "i.expire_time"},
        {&kInvitations, 5, "i.state = 3 AND " USHER_ASKED_FOR("5"), "i.expire_time"}},
       /*ranks_turn=*/true},
      {"last_access_time",
       Key::kTime,
       {ByAccess(0, "a.last_access_time IS NOT NULL", /*empty=*/false),
        ByAccess(1, "a.last_access_time IS NULL", /*empty=*/true),
        {&kInvitations, 2, "true", "i.create_time"}}},
      {"expire_time",
       Key::kTime,
       {{&kMembers, 0, "m.end_time > usher.now()", "m.end_time"},
        {&kInvitations, 0, "i.state = 1", "i.expire_time"},
        {&kInvitations, 0, "i.state = 3", "i.expire_time"},
        {&kMembers, 1, "m.end_time IS NULL", "m.end_time", /*empty=*/true}}},
  };
}

}  // namespace

const storage::ListStatements& ListUsersStatements() {
  static const storage::ListStatements statements(
      {"directory.list_users", {&kMembers, &kInvitations}, kColumns, kJoins}, Orders());
  return statements;
}

}  // namespace usher::directory
