#pragma once

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/refusal.h"

namespace usher::test {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// A refusal with this code and reason.
MATCHER_P2(Refused, code, reason, "is refused with " + std::string(model::ReasonName(reason))) {
  *result_listener << StatusOf(arg).ToString();
  const auto refusal = model::RefusalOf(StatusOf(arg));
  return StatusOf(arg).code() == code && refusal && refusal->reason == reason;
}

}  // namespace usher::test
