#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::model {

// An absolute https URI (http for loopback) of at most 2048 octets: where a person may be sent.
//
// Without user name and password, and without what servers and browsers read differently: `.` and
// `..` in the path, also percent-encoded, and encoded slashes.
class Uri {
 public:
  // INVALID_ARGUMENT with the rest of a sentence.
  static absl::StatusOr<Uri> Parse(std::string_view text);

  const std::string& as_typed() const { return as_typed_; }
  // Scheme, host, port unless it is the scheme's own, and path without a slash at its end, in one
  // form: a URI is at or below an entry exactly when its place is the entry's, or begins with it
  // and a slash.
  const std::string& place() const { return place_; }
  bool has_query_or_fragment() const;

 private:
  Uri(std::string as_typed, std::string place);

  std::string as_typed_;
  std::string place_;
};

}  // namespace usher::model
