#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/caller.h"
#include "model/ids.h"
#include "model/token.h"

namespace usher::server {

// Where a page in the order of creation ends: what a page token carries.
struct PageCursor {
  absl::Time create_time;
  model::Uuid id;
};

// What binds a page token: the caller, the method, and the request but for where and how much.
std::string PageFingerprint(std::string_view method, const model::Caller& caller,
                            std::string_view request);
template <class Request>
std::string PageFingerprint(std::string_view method, const model::Call& call, Request request) {
  request.clear_page_token();
  request.clear_page_size();
  return PageFingerprint(method, call.caller, std::string_view(request.SerializeAsString()));
}

// The token of the page after `cursor`, good for `query` only; "" after the last page.
std::string ToPageToken(const model::TokenKeys& keys, std::string_view query,
                        const std::optional<PageCursor>& cursor);
// The other way; nothing for the first page. INVALID_ARGUMENT PAGE_TOKEN_INVALID.
absl::StatusOr<std::optional<PageCursor>> FromPageToken(const model::TokenKeys& keys,
                                                        std::string_view query,
                                                        const std::string& token);

// The same for pages in the order of names: the key of the last name.
std::string ToNameToken(const model::TokenKeys& keys, std::string_view query,
                        const std::optional<std::string>& last);
absl::StatusOr<std::optional<std::string>> FromNameToken(const model::TokenKeys& keys,
                                                         std::string_view query,
                                                         const std::string& token);

}  // namespace usher::server
