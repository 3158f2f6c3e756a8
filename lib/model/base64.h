#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher::model {

// base64url without padding (RFC 4648 §5).
std::string ToBase64Url(std::string_view bytes);
// Nothing for text that ToBase64Url cannot have made: one text for each value.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace usher::model
