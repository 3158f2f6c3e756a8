#include "invitations/list_statements.h"

#include "invitations/rows.h"
#include "storage/list_filters.h"

namespace usher::invitations {
namespace {

using storage::ListBranch;
using storage::ListOrder;
using storage::ListSource;
using Key = ListOrder::Key;

// EXPIRED is a comparison, so the filter of states is one condition for each.
constexpr ListSource kInvitations{
    .alias = "i",
    .table = "usher.invitations i",
    .id = "i.id",
    .columns = "i.id, i.organization_id, i.open, i.role, i.state, i.site_access, i.site_group_ids,"
               " i.site_ids, i.expire_time, i.create_time, i.update_time, i.accept_time,"
               " i.email_key, i.invited_by, i.first_name_key, i.last_name_key, i.search",
    .always = "i.organization_id = $1",
    .filter = "($9::smallint[] = '{}'"
              " OR 1 = ANY ($9) AND i.state = 1 AND i.expire_time > usher.now()"
              " OR 2 = ANY ($9) AND i.state = 2 OR 3 = ANY ($9) AND i.state = 3"
              " OR 4 = ANY ($9) AND i.state = 4"
              " OR 5 = ANY ($9) AND (i.state = 5 OR i.state = 1 AND i.expire_time <= usher.now()))"
              " AND " USHER_LIST_FILTERS(
                  "i") " AND ($14::uuid IS NULL OR i.invited_by = $14)"
                       " AND ($15::text IS NULL OR i.email_key = $15)"
                       " AND ($16::timestamptz IS NULL OR i.create_time >= $16)"
                       " AND ($17::timestamptz IS NULL OR i.create_time < $17)"
                       " AND ($18::timestamptz IS NULL OR i.expire_time >= $18)"
                       " AND ($19::timestamptz IS NULL OR i.expire_time < $19)",
};

constexpr const char* kJoins =
    "JOIN usher.invitations i ON i.organization_id = $1 AND i.id = p.id"
    " LEFT JOIN usher.users inviter ON inviter.id = i.invited_by";

ListBranch Branch(int rank, std::string_view condition, std::string_view key) {
  return {&kInvitations, rank, condition, key};
}
ListBranch Empty(std::string_view condition, std::string_view key) {
  return {&kInvitations, 1, condition, key, /*empty=*/true};
}

ListOrder Full(std::string_view column, Key key_type, std::string_view key) {
  return {column, key_type, {Branch(0, "i.open", key), Branch(0, "NOT i.open", key)}};
}

// By states, since that is how the index of times of expiry is made.
ListOrder ByExpireTime() {
  ListOrder order{"expire_time", Key::kTime, {}};
  for (const char* state :
       {"i.open AND i.state = 1", "i.open AND i.state = 3", "NOT i.open AND i.state = 2",
        "NOT i.open AND i.state = 3", "NOT i.open AND i.state = 4", "NOT i.open AND i.state = 5"}) {
    order.branches.push_back(Branch(0, state, "i.expire_time"));
  }
  return order;
}

ListOrder ByState() {
  ListOrder order{"state", Key::kTime, {}, /*ranks_turn=*/true};
  const auto add = [&order](int rank, const char* condition) {
    order.branches.push_back(Branch(rank, condition, "i.expire_time"));
  };
  add(1, "i.open AND i.state = 1 AND i.expire_time > usher.now()");
  add(2, "NOT i.open AND i.state = 2");
  add(3, "i.open AND i.state = 3");
  add(3, "NOT i.open AND i.state = 3");
  add(4, "NOT i.open AND i.state = 4");
  add(5, "i.open AND i.state = 1 AND i.expire_time <= usher.now()");
  add(5, "NOT i.open AND i.state = 5");
  return order;
}

// Only accepted ones have been accepted; the others follow by their expiry.
ListOrder ByAcceptTime() {
  ListOrder order{"accept_time", Key::kTime, {Branch(0, "i.state = 2", "i.accept_time")}};
  for (const char* state :
       {"i.open AND i.state = 1", "i.open AND i.state = 3", "NOT i.open AND i.state = 3",
        "NOT i.open AND i.state = 4", "NOT i.open AND i.state = 5"}) {
    order.branches.push_back(Branch(1, state, "i.expire_time"));
  }
  return order;
}

// An organization has many invitations and few inviters: these are found by skipping through the
// index, and each brings their own in the order of ids. A copy of the name in each invitation would
// make a rename as large as the list.
ListOrder ByInviter() {
  ListOrder order{"inviter", Key::kText, {}};
  order.branches.push_back(Branch(0, "true", "n.name"));
  order.branches[0].walk_from =
      "named_inviters n CROSS JOIN LATERAL (SELECT own.id, own.organization_id, own.open, own.role,"
      " own.state, own.site_access, own.site_group_ids, own.site_ids, own.expire_time,"
      " own.create_time, own.update_time, own.accept_time, own.email_key, own.invited_by,"
      " own.first_name_key, own.last_name_key, own.search FROM usher.invitations own"
      " WHERE own.organization_id = $1 AND own.invited_by = n.id AND own.id {comparison}"
      " CASE WHEN $6 = 0 AND n.name = $7 THEN $8 ELSE {id}::uuid END"
      " ORDER BY own.id {direction} LIMIT $5) i";
  order.branches[0].find_from =
      " JOIN (SELECT u.id, usher.fold(trim(u.first_name || ' ' || u.last_name)) AS name"
      " FROM usher.users u) n ON n.id = i.invited_by";
  order.branches.push_back(Empty("i.invited_by IS NULL", "i.invited_by"));
  order.with =
      "RECURSIVE inviters AS ((SELECT i.invited_by FROM usher.invitations i"
      " WHERE i.organization_id = $1 AND i.invited_by IS NOT NULL ORDER BY i.invited_by LIMIT 1)"
      " UNION ALL SELECT (SELECT i.invited_by FROM usher.invitations i"
      " WHERE i.organization_id = $1 AND i.invited_by > inviters.invited_by"
      " ORDER BY i.invited_by LIMIT 1) FROM inviters WHERE inviters.invited_by IS NOT NULL),"
      " named_inviters AS (SELECT u.id, usher.fold(trim(u.first_name || ' ' || u.last_name)) AS "
      "name"
      " FROM inviters JOIN usher.users u ON u.id = inviters.invited_by) ";
  return order;
}

ListOrder ByName(std::string_view column, std::string_view key,
                 const std::vector<std::string_view>& has,
                 const std::vector<std::string_view>& lacks) {
  ListOrder order{column, Key::kText, {}};
  for (const std::string_view condition : has) order.branches.push_back(Branch(0, condition, key));
  for (const std::string_view condition : lacks) order.branches.push_back(Empty(condition, key));
  return order;
}

std::vector<ListOrder> Orders() {
  return {
      Full("create_time", Key::kTime, "i.create_time"),
      {"update_time", Key::kTime, {Branch(0, "true", "i.update_time")}},
      ByExpireTime(),
      ByAcceptTime(),
      Full("email", Key::kText, "i.email_key COLLATE \"C\""),
      ByName("first_name", "i.first_name_key",
             {"i.open AND i.first_name_key IS NOT NULL",
              "NOT i.open AND i.first_name_key IS NOT NULL"},
             {"i.open AND i.first_name_key IS NULL", "NOT i.open AND i.first_name_key IS NULL"}),
      ByName(
          "last_name", "i.last_name_key",
          {"i.open AND i.last_name_key IS NOT NULL", "NOT i.open AND i.last_name_key IS NOT NULL"},
          {"i.open AND i.last_name_key IS NULL", "NOT i.open AND i.last_name_key IS NULL"}),
      Full("role", Key::kNumber, "i.role"),
      ByState(),
      ByInviter(),
  };
}

}  // namespace

const storage::ListStatements& ListInvitationsStatements() {
  static const storage::ListStatements statements(
      {"invitations.list", {&kInvitations}, USHER_INVITATION_COLUMNS, kJoins}, Orders());
  return statements;
}

}  // namespace usher::invitations
