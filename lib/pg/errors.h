#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace usher::pg {

// What PostgreSQL said of a failed statement. Without an SQLSTATE the connection was lost, and
// what had been sent may or may not have happened.
struct Error {
  std::string sqlstate;
  std::string constraint;
  std::string message;  // For the log; never for a client.
};

// The driver's error as a value of ours, in one place:
//   ALREADY_EXISTS       unique violation; the constraint's name is kept, see ConstraintOf
//   FAILED_PRECONDITION  foreign-key, check, exclusion or not-null violation; likewise
//   ABORTED              serialization failure or deadlock that retries did not mend
//   DEADLINE_EXCEEDED    canceled by statement_timeout or a lock timeout
//   UNAVAILABLE          connection lost, shutting down, read-only, out of disk or connections
//   INTERNAL             anything else: a fault of ours
// The message says no more than the class: the driver's text stays in the log.
absl::Status ToStatus(const Error& error);

// SQLSTATE and constraint name of a status made by ToStatus; empty otherwise.
std::string SqlStateOf(const absl::Status& status);
std::string ConstraintOf(const absl::Status& status);

// The server decided against the transaction: it was rolled back, also when it said so at the
// commit.
bool IsRefusal(std::string_view sqlstate);
// The transaction failed only for what others did at the same time: run it again.
bool IsSerializationTrouble(std::string_view sqlstate);
// The server did not run the statement and this connection will not run another one.
bool IsServerGoing(std::string_view sqlstate);
// The prepared statement is unknown to, or outdated in, this session: prepare it again.
bool IsStalePreparedStatement(std::string_view sqlstate);

}  // namespace usher::pg
