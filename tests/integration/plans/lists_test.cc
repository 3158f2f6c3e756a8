#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "directory/list_memberships_statements.h"
#include "directory/list_users_statements.h"
#include "invitations/list_statements.h"
#include "tests/integration/plans/plans.h"

namespace usher::test {
namespace {

using storage::ListStatements;

constexpr const char* kNobody = "'00000000-0000-0000-0000-000000000000'";

// The arguments of a list statement: the gate's, a page of 50 from the start, and filters.
struct Arguments {
  std::string what = "first page";
  int64_t looked_at = 51;
  std::string statuses = "'{}'";
  std::string roles = "'{}'";
  std::string needle = "''";
  std::string inviter = "NULL";

  std::string Text(const ListStatements& list) const {
    std::vector<std::string> all = {absl::StrCat("'", model::FormatUuid(Crowd().acme.uuid()), "'"),
                                    "NULL",
                                    "'{0,1}'",
                                    "51",
                                    absl::StrCat(looked_at),
                                    "-32768",
                                    "'0'",
                                    kNobody,
                                    statuses,
                                    roles,
                                    needle,
                                    "NULL",
                                    "NULL"};
    if (&list == &invitations::ListInvitationsStatements()) {
      all.insert(all.end(), {inviter, "NULL", "NULL", "NULL", "NULL", "NULL"});
    }
    return absl::StrJoin(all, ", ");
  }
};

std::string TypesOf(const ListStatements& list) {
  return absl::StrCat(
      "uuid, uuid, smallint[], bigint, bigint, smallint, text, uuid, smallint[], smallint[], text,"
      " uuid, uuid",
      &list == &invitations::ListInvitationsStatements()
          ? ", uuid, text, timestamptz, timestamptz, timestamptz, timestamptz"
          : "");
}

std::string Walk(const ListStatements& list, const model::OrderBy& order,
                 const Arguments& arguments) {
  return Explain({.statement = &list.Walk(order),
                  .settings = "SET plan_cache_mode = force_generic_plan;"
                              " SET enable_hashjoin = off; SET enable_mergejoin = off",
                  .options = "(ANALYZE, TIMING OFF)",
                  .types = TypesOf(list),
                  .arguments = arguments.Text(list),
                  .what = arguments.what});
}

std::string Find(const pg::Statement& find, const ListStatements& list,
                 const Arguments& arguments) {
  return Explain({.statement = &find,
                  .settings = "SET plan_cache_mode = force_custom_plan; SET jit = off",
                  .options = "(ANALYZE, TIMING OFF)",
                  .types = TypesOf(list),
                  .arguments = arguments.Text(list),
                  .what = arguments.what});
}

std::vector<const ListStatements*> Lists() {
  return {&directory::ListUsersStatements(), &invitations::ListInvitationsStatements(),
          &directory::MembershipsOfOrganization()};
}
std::vector<const ListStatements*> SearchedLists() {
  return {&directory::ListUsersStatements(), &invitations::ListInvitationsStatements()};
}

template <class Check>
void ForEachOrder(const std::vector<const ListStatements*>& lists, Check check) {
  for (const ListStatements* list : lists) {
    for (const std::string_view column : list->Columns()) {
      for (const bool descending : {false, true}) check(*list, {std::string(column), descending});
    }
  }
}

TEST(ListPlansTest, AFirstPageInAnyOrderLooksAtFewRows) {
  ForEachOrder(Lists(), [](const ListStatements& list, const model::OrderBy& order) {
    const std::string plan = Walk(list, order, {});

    ExpectNoScan(plan, list.Walk(order).name);
    // An order merges at most seven branches; a thousand inviters are one row each.
    EXPECT_LT(MostRows(plan), 2000) << list.Walk(order).name << "\n" << plan;
  });
}

TEST(ListPlansTest, AFilterIsTriedOnFewRows) {
  Arguments arguments;
  arguments.looked_at = 51 * 20;
  arguments.needle = "'no such name'";
  arguments.what = "no hit in what is walked";
  ForEachOrder(SearchedLists(), [&](const ListStatements& list, const model::OrderBy& order) {
    const std::string plan = Walk(list, order, arguments);

    ExpectNoScan(plan, list.Walk(order).name);
    EXPECT_LT(MostRows(plan), 10'000) << list.Walk(order).name << "\n" << plan;
  });
}

TEST(ListPlansTest, SearchesOfAnyLengthUseTheirIndex) {
  Arguments arguments;
  arguments.looked_at = 51 * 20;
  for (const char* needle : {"'nosuchname'", "'qx'", "'q'"}) {
    arguments.needle = needle;
    arguments.what = absl::StrCat("search for ", needle);
    ForEachOrder(SearchedLists(), [&](const ListStatements& list, const model::OrderBy& order) {
      const std::string plan = Find(list.Find(order), list, arguments);

      ExpectNoScan(plan, list.Find(order).name);
      EXPECT_TRUE(absl::StrContains(plan, "_search_idx")) << list.Find(order).name << "\n" << plan;
      EXPECT_LT(MostRows(plan), 20'000) << list.Find(order).name << needle << "\n" << plan;
    });
  }
}

TEST(ListPlansTest, WhatFewPassIsFoundByItsIndex) {
  const ListStatements& users = directory::ListUsersStatements();
  const ListStatements& members = directory::MembershipsOfOrganization();
  const ListStatements& invitations = invitations::ListInvitationsStatements();
  Arguments super_users, suspended, of_an_inviter;
  super_users.what = "Super Users";
  suspended.what = "suspended";
  of_an_inviter.what = "of an inviter";
  super_users.roles = "'{1}'";
  suspended.statuses = "'{2}'";
  of_an_inviter.inviter = absl::StrCat("'", model::FormatUuid(Crowd().ann.uuid()), "'");

  const auto expect = [](const ListStatements& list, const Arguments& arguments,
                         const char* index) {
    for (const pg::Statement* statement : {&list.Find({"last_name", false}), &list.Count()}) {
      const std::string plan = Find(*statement, list, arguments);
      ExpectNoScan(plan, statement->name);
      EXPECT_TRUE(absl::StrContains(plan, index)) << statement->name << "\n" << plan;
    }
  };

  expect(users, super_users, "memberships_role_idx");
  expect(users, suspended, "memberships_status_idx");
  expect(members, super_users, "memberships_role_idx");
  expect(invitations, of_an_inviter, "invitations_inviter");
}

}  // namespace
}  // namespace usher::test
