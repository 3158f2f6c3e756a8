#include "tests/support/database.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "pg/migrate.h"

namespace usher::test {
namespace {

struct Close {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test database: %s\n", what.c_str());
  std::exit(1);
}

std::vector<std::string> Run(const std::string& conninfo, const std::string& sql) {
  const std::unique_ptr<PGconn, Close> session(PQconnectdb(conninfo.c_str()));
  if (PQstatus(session.get()) != CONNECTION_OK) Die(PQerrorMessage(session.get()));
  PQsetNoticeReceiver(
      session.get(), [](void*, const PGresult*) {}, nullptr);
  const std::unique_ptr<PGresult, Clear> result(PQexec(session.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    Die(absl::StrCat(PQerrorMessage(session.get()), "\n", sql));
  }
  std::vector<std::string> values;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    values.emplace_back(PQgetvalue(result.get(), row, 0));
  }
  return values;
}

std::string Cluster() {
  const char* conninfo = std::getenv("USHER_TEST_DATABASE");
  if (conninfo == nullptr) Die("USHER_TEST_DATABASE is not set; run tools/test");
  return conninfo;
}

std::string In(const std::string& database) {
  return absl::StrCat(Cluster(), " dbname=", database);
}

// Different migrations have different templates, so that a rebuilt tree never meets an old one.
std::string TemplateName() {
  size_t hash = 0;
  for (const pg::Migration& migration : pg::EmbeddedMigrations()) {
    hash = hash * 31 + std::hash<std::string_view>()(migration.sql);
  }
  return absl::StrCat("usher_template_", absl::Hex(hash, absl::kZeroPad16));
}

constexpr const char* kTestClock = R"sql(
  CREATE SCHEMA usher_test;
  CREATE TABLE usher_test.clock (ahead interval NOT NULL);
  INSERT INTO usher_test.clock VALUES ('0');
  CREATE OR REPLACE FUNCTION usher.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.now() + (SELECT ahead FROM usher_test.clock)')sql";

void MakeTemplate(const std::string& name) {
  const std::string draft = absl::StrCat(name, "_draft");
  Run(Cluster(), absl::StrCat("DROP DATABASE IF EXISTS ", draft));
  Run(Cluster(), absl::StrCat("CREATE DATABASE ", draft));
  if (auto done = pg::Migrate(In(draft), pg::EmbeddedMigrations()); !done.ok()) {
    Die(std::string(done.status().message()));
  }
  Run(In(draft), kTestClock);
  Run(Cluster(), absl::StrCat("ALTER DATABASE ", draft, " RENAME TO ", name));
}

// Test programs run side by side, each in its own process: one makes the template, the others wait.
std::string Template() {
  const std::string name = TemplateName();
  const std::unique_ptr<PGconn, Close> session(PQconnectdb(Cluster().c_str()));
  const auto query = [&session](const std::string& sql) {
    return std::unique_ptr<PGresult, Clear>(PQexec(session.get(), sql.c_str()));
  };
  const auto locked = query("SELECT pg_advisory_lock(8101)");
  if (PQresultStatus(locked.get()) != PGRES_TUPLES_OK) Die(PQerrorMessage(session.get()));
  const auto found = query(absl::StrCat("SELECT FROM pg_database WHERE datname = '", name, "'"));
  if (PQntuples(found.get()) == 0) MakeTemplate(name);
  return name;
}

}  // namespace

Database::Database() {
  static const std::string source = Template();
  static std::atomic<int> count = 0;
  name_ = absl::StrCat("usher_test_", getpid(), "_", ++count);
  Run(Cluster(), absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", source));
  conninfo_ = In(name_);
}

Database::~Database() { Run(Cluster(), absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)")); }

std::vector<std::string> Database::Query(const std::string& sql) const {
  return Run(conninfo_, sql);
}

std::string Database::Value(const std::string& sql) const {
  const std::vector<std::string> values = Query(sql);
  if (values.size() != 1) Die(absl::StrCat(values.size(), " rows instead of one: ", sql));
  return values[0];
}

void Database::MoveClock(absl::Duration offset) const {
  Query(absl::StrCat("UPDATE usher_test.clock SET ahead = '", absl::ToInt64Microseconds(offset),
                     " microseconds'"));
}

}  // namespace usher::test
