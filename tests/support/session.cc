#include "tests/support/session.h"

#include <libpq-fe.h>

#include <cstdio>
#include <cstdlib>

namespace usher::test {

void Session::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Session::Session(const Database& database)
    : connection_(PQconnectdb(database.conninfo().c_str())) {}

void Session::Run(const std::string& sql) {
  PGresult* result = PQexec(connection_.get(), sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
  std::fprintf(stderr, "test session: %s%s\n", PQerrorMessage(connection_.get()), sql.c_str());
  std::exit(1);
}

}  // namespace usher::test
