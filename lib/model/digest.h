#pragma once

#include <string>
#include <string_view>

namespace usher::model {

// SHA-256 (FIPS 180-4) of `bytes` in base64url: 43 characters.
std::string Digest(std::string_view bytes);

}  // namespace usher::model
