#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "directory/list_users_statements.h"
#include "invitations/list_statements.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

// How statements are planned where an organization has a million members and invitations.
namespace usher::test {
namespace {

using storage::ListStatements;

constexpr const char* kNobody = "'00000000-0000-0000-0000-000000000000'";

// The arguments of a list statement: the gate's, a page of 50 from the start, and filters.
struct Arguments {
  std::string organization;
  int64_t looked_at = 51;
  std::string roles = "'{}'";
  std::string needle = "''";
  std::vector<std::string> more;

  std::string Text() const {
    std::vector<std::string> all = {absl::StrCat("'", organization, "'"),
                                    "NULL",
                                    "'{0,1}'",
                                    "51",
                                    absl::StrCat(looked_at),
                                    "-32768",
                                    "'0'",
                                    kNobody,
                                    "'{}'",
                                    roles,
                                    needle,
                                    "NULL",
                                    "NULL"};
    all.insert(all.end(), more.begin(), more.end());
    return absl::StrJoin(all, ", ");
  }
};

class PlansTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new World();
    std::ifstream file(USHER_FILL_SQL);
    std::stringstream sql;
    sql << file.rdbuf();
    world_->database.Query(sql.str());
    // As in production: the tests' clock is a query of its own.
    world_->database.Query(
        "CREATE OR REPLACE FUNCTION usher.now() RETURNS timestamptz LANGUAGE sql STABLE"
        " PARALLEL SAFE AS 'SELECT pg_catalog.now()'");
  }
  static void TearDownTestSuite() { delete world_; }

  static Arguments For(const ListStatements& statements) {
    Arguments arguments;
    arguments.organization = model::FormatUuid(world_->acme.uuid());
    if (&statements != &directory::ListUsersStatements()) {
      arguments.more = {"NULL", "NULL", "NULL", "NULL", "NULL", "NULL"};
    }
    return arguments;
  }
  static std::string Explain(const pg::Statement& statement, const std::string& settings,
                             const std::string& options, const std::string& arguments) {
    return absl::StrJoin(
        world_->database.Query(absl::StrCat(settings, "; PREPARE q AS ", statement.sql,
                                            "; EXPLAIN ", options, " EXECUTE q(", arguments, ")")),
        "\n");
  }
  static std::string WalkPlan(const pg::Statement& statement, const Arguments& arguments) {
    return Explain(statement,
                   "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off;"
                   " SET enable_mergejoin = off",
                   "(ANALYZE, TIMING OFF)", arguments.Text());
  }
  static std::string FindPlan(const pg::Statement& statement, const Arguments& arguments) {
    return Explain(statement, "SET plan_cache_mode = force_custom_plan", "(ANALYZE, TIMING OFF)",
                   arguments.Text());
  }
  static void ExpectNoScan(const std::string& plan, const std::string& what) {
    for (const char* table : {"memberships", "invitations", "users"}) {
      EXPECT_FALSE(absl::StrContains(plan, absl::StrCat("Seq Scan on ", table))) << what << plan;
    }
  }
  // The most rows that any step of a plan that ran gave or threw away.
  static int64_t MostRows(const std::string& plan) {
    static const std::regex rows(R"(actual rows=(\d+) loops=(\d+)|Rows Removed by Filter: (\d+))");
    int64_t most = 0;
    for (std::sregex_iterator i(plan.begin(), plan.end(), rows), end; i != end; ++i) {
      const int64_t value =
          (*i)[3].matched ? std::stoll((*i)[3]) : std::stoll((*i)[1]) * std::stoll((*i)[2]);
      most = std::max(most, value);
    }
    return most;
  }

  static World* world_;
};

World* PlansTest::world_ = nullptr;

std::vector<const ListStatements*> Lists() {
  return {&directory::ListUsersStatements(), &invitations::ListInvitationsStatements()};
}

TEST_F(PlansTest, AFirstPageInAnyOrderLooksAtFewRows) {
  for (const ListStatements* list : Lists()) {
    for (const std::string_view column : list->Columns()) {
      for (const bool descending : {false, true}) {
        const pg::Statement& walk = list->Walk({std::string(column), descending});
        const std::string plan = WalkPlan(walk, For(*list));
        ExpectNoScan(plan, walk.name);
        // Twenty inviters bring a page each; other orders merge at most seven branches.
        EXPECT_LT(MostRows(plan), 2000) << walk.name << "\n" << plan;
      }
    }
  }
}

TEST_F(PlansTest, AFilterIsTriedOnFewRows) {
  for (const ListStatements* list : Lists()) {
    for (const std::string_view column : list->Columns()) {
      const pg::Statement& walk = list->Walk({std::string(column), false});
      Arguments arguments = For(*list);
      arguments.looked_at = 51 * 20;
      arguments.needle = "'no such name'";
      const std::string plan = WalkPlan(walk, arguments);
      ExpectNoScan(plan, walk.name);
      EXPECT_LT(MostRows(plan), 50'000) << walk.name << "\n" << plan;
    }
  }
}

TEST_F(PlansTest, SearchesOfAnyLengthUseTheirIndex) {
  for (const ListStatements* list : Lists()) {
    for (const std::string_view column : list->Columns()) {
      for (const char* needle : {"'nosuchname'", "'qx'", "'q'"}) {
        const pg::Statement& find = list->Find({std::string(column), false});
        Arguments arguments = For(*list);
        arguments.looked_at = 51 * 20;
        arguments.needle = needle;
        const std::string plan = FindPlan(find, arguments);
        ExpectNoScan(plan, find.name);
        EXPECT_TRUE(absl::StrContains(plan, "_search_idx")) << find.name << "\n" << plan;
        EXPECT_LT(MostRows(plan), 20'000) << find.name << needle << "\n" << plan;
      }
    }
  }
}

TEST_F(PlansTest, RareRolesAreFoundByTheirIndex) {
  const ListStatements& users = directory::ListUsersStatements();
  Arguments arguments = For(users);
  arguments.roles = "'{1}'";
  const std::string plan = FindPlan(users.Find({"last_name", false}), arguments);

  ExpectNoScan(plan, "");
  EXPECT_TRUE(absl::StrContains(plan, "memberships_role_idx")) << plan;
}

// What an ordinary day asks for; each statement that was used is planned for all arguments alike.
TEST_F(PlansTest, NoLookUpScansATable) {
  World& world = *world_;
  const model::Call call = world.CallBy(world.ann);
  const auto invitation = world.Invite(world.Draft("one@example.com"))->invitation;
  const model::UserId ben = world.Join(world.Draft("two@example.com"));
  directory::UserQuery user;
  user.name.email_key = "two@example.com";
  user.organization = world.acme;
  directory::BatchUsersQuery users;
  users.names = {user.name};
  users.organization = world.acme;
  directory::MembershipsQuery members;
  members.organization = world.acme;
  invitations::MyInvitationsQuery mine;
  mine.email = *model::Email::Parse("one@example.com");
  mine.email_verified = true;
  directory::AccessQuestion question{ben, world.acme, "sites.read", std::nullopt};
  directory::MembershipName member{world.acme, ben, std::nullopt};
  ASSERT_THAT(world.Wait(world.invitations.Get(call, world.acme, invitation.id)), IsOk());
  ASSERT_THAT(world.Wait(world.invitations.ListMine(call, mine)), IsOk());
  ASSERT_THAT(world.Wait(world.invitations.Preview(call, world.TokenOf(invitation))), IsOk());
  ASSERT_THAT(world.Wait(world.directory.GetUser(call, user)), IsOk());
  ASSERT_THAT(world.Wait(world.directory.GetSelf(call)), IsOk());
  ASSERT_THAT(world.Wait(world.directory.BatchGetUsers(call, users)), IsOk());
  ASSERT_THAT(world.Wait(world.directory.GetMembership(call, member)), IsOk());
  ASSERT_THAT(world.Wait(world.directory.ListMemberships(call, members)), IsOk());
  ASSERT_THAT(world.Wait(world.directory.CheckAccess(call, question)), IsOk());

  for (const auto& [name, statement] : world.observer.statements()) {
    static const std::regex parameter(R"(\$(\d+))");
    const std::string sql = statement->sql;
    int parameters = 0;
    for (std::sregex_iterator i(sql.begin(), sql.end(), parameter), end; i != end; ++i) {
      parameters = std::max(parameters, std::stoi((*i)[1]));
    }
    if (parameters == 0) continue;
    const std::vector<std::string> nulls(static_cast<size_t>(parameters), "NULL");
    ExpectNoScan(Explain(*statement, "SET plan_cache_mode = force_generic_plan", "",
                         absl::StrJoin(nulls, ", ")),
                 name);
  }
}

}  // namespace
}  // namespace usher::test
