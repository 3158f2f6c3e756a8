#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/list.h"
#include "model/token.h"

namespace usher::server {

// The token of the page after `cursor`, good for `query` only (see PageFingerprint); "" after the
// last page.
std::string ToListToken(const model::TokenKeys& keys, std::string_view query,
                        const std::optional<model::ListCursor>& cursor);
// The other way; nothing for the first page. INVALID_ARGUMENT PAGE_TOKEN_INVALID.
absl::StatusOr<std::optional<model::ListCursor>> FromListToken(const model::TokenKeys& keys,
                                                               std::string_view query,
                                                               const std::string& token);

}  // namespace usher::server
