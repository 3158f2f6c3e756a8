#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace usher::mail {

// The link of an invitation is a template such as
// "https://app.example.com/invitations/accept?token={token}", so that the page that accepts can
// be anybody's. It carries the token and nothing else.

// INVALID_ARGUMENT unless `uri_template` is an absolute http or https URI with exactly one
// "{token}", after the host. For the start: AcceptUri() takes the template as it is.
absl::Status CheckAcceptUriTemplate(std::string_view uri_template);

// The template with the token in its place, percent-encoded where that is needed.
std::string AcceptUri(std::string_view uri_template, std::string_view token);

}  // namespace usher::mail
