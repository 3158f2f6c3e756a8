#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/token.h"

namespace usher::model {

// Page tokens carry where the next page starts, and cannot be made, changed or used for another
// query: they are authenticated together with a fingerprint of the query (method, organization,
// filter, order). `cursor` is any bytes.
std::string SealPageToken(const TokenKeys& keys, std::string_view query, std::string_view cursor);

// The cursor. INVALID_ARGUMENT PAGE_TOKEN_INVALID naming page_token, the same for every fault.
absl::StatusOr<std::string> OpenPageToken(const TokenKeys& keys, std::string_view query,
                                          std::string_view token);

}  // namespace usher::model
