#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::model {

// A domain as its A-label in lower case: a host name (STD 3) of at least two labels, ASCII or
// international (IDNA2008, non-transitional), without the root's dot.
// INVALID_ARGUMENT with the rest of a sentence.
absl::StatusOr<std::string> ParseDomain(std::string_view text);

// Likewise, or with "*." before it, which stands for every domain below.
absl::StatusOr<std::string> ParseDomainPattern(std::string_view text);

}  // namespace usher::model
