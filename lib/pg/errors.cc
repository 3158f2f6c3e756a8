#include "pg/errors.h"

#include <algorithm>
#include <array>

#include "absl/strings/cord.h"

namespace usher::pg {
namespace {

constexpr const char* kSqlStateUrl = "usher.pg/sqlstate";
constexpr const char* kConstraintUrl = "usher.pg/constraint";

template <size_t kSize>
bool IsOneOf(std::string_view sqlstate, const std::array<std::string_view, kSize>& list) {
  return std::find(list.begin(), list.end(), sqlstate) != list.end();
}

// PostgreSQL's manual, appendix A: class by class.
absl::Status Classify(std::string_view sqlstate) {
  if (sqlstate.empty()) return absl::UnavailableError("the database connection was lost");
  if (sqlstate == "23505") return absl::AlreadyExistsError("exists already");
  if (sqlstate.substr(0, 2) == "23") {
    return absl::FailedPreconditionError("a constraint of the database refused the change");
  }
  if (IsSerializationTrouble(sqlstate)) {
    return absl::AbortedError("too many concurrent changes of the same thing; try again");
  }
  if (sqlstate == "57014" || sqlstate == "55P03") {
    return absl::DeadlineExceededError("the database did not answer in time");
  }
  const std::string_view kind = sqlstate.substr(0, 2);
  if (kind == "08" || kind == "53" || IsServerGoing(sqlstate)) {
    return absl::UnavailableError("the database is not available");
  }
  return absl::InternalError("internal error");
}

std::string Payload(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status ToStatus(const Error& error) {
  absl::Status status = Classify(error.sqlstate);
  status.SetPayload(kSqlStateUrl, absl::Cord(error.sqlstate));
  status.SetPayload(kConstraintUrl, absl::Cord(error.constraint));
  return status;
}

std::string SqlStateOf(const absl::Status& status) { return Payload(status, kSqlStateUrl); }
std::string ConstraintOf(const absl::Status& status) { return Payload(status, kConstraintUrl); }

bool IsRefusal(std::string_view sqlstate) {
  return sqlstate.substr(0, 2) == "23" || IsSerializationTrouble(sqlstate);
}

bool IsSerializationTrouble(std::string_view sqlstate) {
  return IsOneOf(sqlstate, std::array<std::string_view, 2>{"40001", "40P01"});
}

bool IsServerGoing(std::string_view sqlstate) {
  return IsOneOf(sqlstate, std::array<std::string_view, 4>{"25006", "57P01", "57P02", "57P03"});
}

bool IsStalePreparedStatement(std::string_view sqlstate) {
  return IsOneOf(sqlstate, std::array<std::string_view, 2>{"26000", "0A000"});
}

}  // namespace usher::pg
