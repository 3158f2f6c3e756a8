#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::model {

// The etag of a row's revision (AIP-154): opaque to callers, equal exactly when nothing changed.
std::string ToEtag(int64_t revision);
// INVALID_ARGUMENT for text that ToEtag cannot have made.
absl::StatusOr<int64_t> ParseEtag(std::string_view etag);

}  // namespace usher::model
