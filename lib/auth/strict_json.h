#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::auth {

// The object that `text` is, as JSON that nobody can read in two ways: UTF-8, no member twice in an
// object, at most eight levels deep. INVALID_ARGUMENT for anything else; never quotes the text,
// which may be secret. The caller bounds its length.
absl::StatusOr<nlohmann::json> ParseStrictObject(std::string_view text);

// The member if it is there and a string.
const std::string* FindString(const nlohmann::json& object, const char* member);

}  // namespace usher::auth
