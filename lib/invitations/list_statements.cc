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

// Rows of one stored state, and whether the filter asks for any of them.
#define USHER_PENDING "i.open AND i.state = 1 AND " USHER_ASKED_FOR("1,5")
#define USHER_ACCEPTED "NOT i.open AND i.state = 2 AND " USHER_ASKED_FOR("2")
#define USHER_DECLINED "i.open AND i.state = 3 AND " USHER_ASKED_FOR("3")
#define USHER_DECLINED_BEFORE "NOT i.open AND i.state = 3 AND " USHER_ASKED_FOR("3")
#define USHER_CANCELED "NOT i.open AND i.state = 4 AND " USHER_ASKED_FOR("4")
#define USHER_REPLACED "NOT i.open AND i.state = 5 AND " USHER_ASKED_FOR("5")

// By states, since that is how the index of times of expiry is made.
ListOrder ByExpireTime() {
  ListOrder order{"expire_time", Key::kTime, {}};
  for (const char* state : {USHER_PENDING, USHER_DECLINED, USHER_ACCEPTED, USHER_DECLINED_BEFORE,
                            USHER_CANCELED, USHER_REPLACED}) {
    order.branches.push_back(Branch(0, state, "i.expire_time"));
  }
  return order;
}

ListOrder ByState() {
  ListOrder order{"state", Key::kTime, {}, /*ranks_turn=*/true};
  const auto add = [&order](int rank, const char* condition) {
    order.branches.push_back(Branch(rank, condition, "i.expire_time"));
  };
  add(1, USHER_PENDING " AND i.expire_time > usher.now() AND " USHER_ASKED_FOR("1"));
  add(2, USHER_ACCEPTED);
  add(3, USHER_DECLINED);
  add(3, USHER_DECLINED_BEFORE);
  add(4, USHER_CANCELED);
  add(5, USHER_PENDING " AND i.expire_time <= usher.now() AND " USHER_ASKED_FOR("5"));
  add(5, USHER_REPLACED);
  return order;
}

// Only accepted ones have been accepted; the others follow by their expiry.
ListOrder ByAcceptTime() {
  ListOrder order{"accept_time", Key::kTime, {Branch(0, USHER_ACCEPTED, "i.accept_time")}};
  for (const char* state :
       {USHER_PENDING, USHER_DECLINED, USHER_DECLINED_BEFORE, USHER_CANCELED, USHER_REPLACED}) {
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
      "(SELECT id, name FROM named_inviters ORDER BY name {direction}) n"
      " CROSS JOIN LATERAL (SELECT own.id, own.organization_id, own.open, own.role,"
      " own.state, own.site_access, own.site_group_ids, own.site_ids, own.expire_time,"
      " own.create_time, own.update_time, own.accept_time, own.email_key, own.invited_by,"
      " own.first_name_key, own.last_name_key, own.search FROM usher.invitations own"
      " WHERE own.organization_id = $1 AND own.invited_by = n.id AND own.id {comparison}"
      " CASE WHEN $6 = 0 AND n.name = $7 THEN $8 ELSE {id}::uuid END"
      " AND CASE WHEN $6 = 0 THEN n.name {comparison}= $7 ELSE true END"
      " ORDER BY own.id {direction} LIMIT $5) i";
  order.branches[0].find_from =
      " CROSS JOIN LATERAL (SELECT usher.fold(trim(u.first_name || ' ' || u.last_name)) AS name"
      " FROM usher.users u WHERE u.id = i.invited_by OFFSET 0) n";
  order.branches.push_back(Empty("i.invited_by IS NULL", "i.invited_by"));
  order.with =
      "RECURSIVE inviters AS ((SELECT i.invited_by FROM usher.invitations i"
      " WHERE i.organization_id = $1"
      " AND i.invited_by >= coalesce($14, '00000000-0000-0000-0000-000000000000')"
      " ORDER BY i.invited_by LIMIT 1)"
      " UNION ALL SELECT next.invited_by FROM inviters CROSS JOIN LATERAL ("
      " SELECT i.invited_by FROM usher.invitations i"
      " WHERE i.organization_id = $1 AND i.invited_by > inviters.invited_by"
      " ORDER BY i.invited_by LIMIT 1) next WHERE $14::uuid IS NULL),"
      " named_inviters AS (SELECT invited_by AS id, (SELECT usher.fold(trim(u.first_name || ' '"
      " || u.last_name)) FROM usher.users u WHERE u.id = invited_by) AS name FROM inviters) ";
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
