#include "pg/migrate.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"

namespace usher::pg {
namespace {

struct Close {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Session = std::unique_ptr<PGconn, Close>;
using Result = std::unique_ptr<PGresult, Clear>;

// "usher" in ASCII: the advisory lock that migrations of this product hold.
constexpr const char* kLock = "SELECT pg_advisory_xact_lock(x'7573686572'::bigint)";

absl::StatusOr<Session> Open(const std::string& conninfo) {
  const char* keywords[] = {"connect_timeout", "application_name", "dbname", nullptr};
  const char* values[] = {"3", "usher-migrate", conninfo.c_str(), nullptr};
  Session session(PQconnectdbParams(keywords, values, /*expand_dbname=*/1));
  if (PQstatus(session.get()) != CONNECTION_OK) {
    return absl::UnavailableError(PQerrorMessage(session.get()));
  }
  PQsetNoticeReceiver(
      session.get(), [](void*, const PGresult*) {}, nullptr);
  return session;
}

absl::StatusOr<Result> Execute(const Session& session, const std::string& sql) {
  Result result(PQexec(session.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  const std::string text = PQerrorMessage(session.get());
  if (PQstatus(session.get()) != CONNECTION_OK) return absl::UnavailableError(text);
  return absl::InternalError(text);
}

absl::StatusOr<int> Version(const Session& session) {
  auto exists = Execute(session, "SELECT to_regclass('usher.schema_migrations') IS NOT NULL");
  if (!exists.ok()) return exists.status();
  if (PQgetvalue(exists->get(), 0, 0)[0] != 't') return 0;
  auto last = Execute(session, "SELECT coalesce(max(number), 0) FROM usher.schema_migrations");
  if (!last.ok()) return last.status();
  return std::atoi(PQgetvalue(last->get(), 0, 0));
}

absl::Status ApplyLocked(const Session& session, const Migration& migration) {
  auto version = Version(session);
  if (!version.ok()) return version.status();
  if (*version >= migration.number) return absl::OkStatus();
  if (auto done = Execute(session, migration.sql); !done.ok()) return done.status();
  return Execute(session,
                 absl::StrCat("INSERT INTO usher.schema_migrations (number, name) VALUES (",
                              migration.number, ", '", migration.name, "')"))
      .status();
}

absl::Status Apply(const Session& session, const Migration& migration) {
  if (auto begun = Execute(session, "BEGIN"); !begun.ok()) return begun.status();
  absl::Status status = Execute(session, kLock).status();
  if (status.ok()) status = ApplyLocked(session, migration);
  const absl::Status ended = Execute(session, status.ok() ? "COMMIT" : "ROLLBACK").status();
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat(migration.name, ": ", status.message()));
  }
  return ended;
}

}  // namespace

absl::StatusOr<int> Migrate(const std::string& conninfo, std::span<const Migration> migrations) {
  auto session = Open(conninfo);
  if (!session.ok()) return session.status();
  for (const Migration& migration : migrations) {
    if (auto status = Apply(*session, migration); !status.ok()) return status;
  }
  return Version(*session);
}

absl::StatusOr<int> SchemaVersion(const std::string& conninfo) {
  auto session = Open(conninfo);
  if (!session.ok()) return session.status();
  return Version(*session);
}

}  // namespace usher::pg
