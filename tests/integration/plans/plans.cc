#include "tests/integration/plans/plans.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <ios>
#include <memory>
#include <regex>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace usher::test {
namespace {

constexpr const char* kTables[] = {"users",       "user_identities", "memberships",
                                   "invitations", "member_accesses", "mails",
                                   "events",      "requests"};

std::unique_ptr<World> crowd;

class MakeCrowd : public testing::Environment {
 public:
  void SetUp() override {
    const char* people = std::getenv("USHER_TEST_PEOPLE");
    std::ifstream file(USHER_FILL_SQL);
    std::stringstream sql;
    sql << file.rdbuf();
    crowd = std::make_unique<World>();
    crowd->tampered = true;
    crowd->database.Query(
        absl::StrReplaceAll(sql.str(), {{"$PEOPLE", people == nullptr ? "60000" : people}}));
  }
  void TearDown() override { crowd.reset(); }
};

const testing::Environment* const kMakeCrowd = testing::AddGlobalTestEnvironment(new MakeCrowd);

}  // namespace

World& Crowd() { return *crowd; }

std::string Explain(const Explained& e) {
  const std::string types = e.types.empty() ? "" : absl::StrCat("(", e.types, ")");
  const std::string arguments = e.arguments.empty() ? "" : absl::StrCat("(", e.arguments, ")");
  const std::string explain = absl::StrCat("; EXPLAIN ", e.options, " EXECUTE q", arguments);
  // Twice, so that what is measured is in memory.
  const std::string plan =
      absl::StrJoin(crowd->database.Query(absl::StrCat(e.settings, "; PREPARE q ", types, " AS ",
                                                       e.statement->sql, explain, explain)),
                    "\n");
  static const std::regex time(R"(Execution Time: ([0-9.]+) ms)");
  std::smatch found;
  if (std::regex_search(plan, found, time)) {
    WriteTime(absl::StrCat(e.statement->name, " ", e.what), std::stod(found[1]));
  }
  return plan;
}

void WriteTime(const std::string& what, double milliseconds) {
  const char* path = std::getenv("USHER_TIMES");
  if (path == nullptr) return;
  std::ofstream(path, std::ios::app) << absl::StrFormat("%9.2f %s\n", milliseconds, what);
}

void ExpectNoScan(const std::string& plan, const std::string& what) {
  for (const char* table : kTables) {
    EXPECT_FALSE(absl::StrContains(plan, absl::StrCat("Seq Scan on ", table))) << what << "\n"
                                                                               << plan;
  }
}

int64_t MostRows(const std::string& plan) {
  static const std::regex rows(R"(actual rows=(\d+) loops=(\d+)|Rows Removed by Filter: (\d+))");
  int64_t most = 0;
  for (std::sregex_iterator i(plan.begin(), plan.end(), rows), end; i != end; ++i) {
    const int64_t value =
        (*i)[3].matched ? std::stoll((*i)[3]) : std::stoll((*i)[1]) * std::stoll((*i)[2]);
    most = std::max(most, value);
  }
  return most;
}

}  // namespace usher::test
