#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::model {

// Names of people, counted in Unicode code points after NFC and trimming: a first name has 1 to
// 64; a last name 0 to 64, since people with one name exist. Besides what CleanText refuses, a name
// has no `<`, `>` or `://`: names stand in mails, and these make mails dangerous.
absl::StatusOr<std::string> ParseFirstName(std::string_view text);
absl::StatusOr<std::string> ParseLastName(std::string_view text);

// "First Last", or the first name alone.
std::string DisplayName(std::string_view first_name, std::string_view last_name);

}  // namespace usher::model
