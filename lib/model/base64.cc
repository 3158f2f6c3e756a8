#include "model/base64.h"

#include "absl/strings/escaping.h"

namespace usher::model {

std::string ToBase64Url(std::string_view bytes) {
  return absl::WebSafeBase64Escape(std::string(bytes));
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(std::string(text), &bytes)) return std::nullopt;
  // Abseil also takes padding, white space and stray low bits.
  if (ToBase64Url(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace usher::model
