#include "mail/link.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace usher::mail {
namespace {

constexpr std::string_view kPlaceholder = "{token}";

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

bool IsUri(const std::string& uri) {
  const bool printable = std::all_of(uri.begin(), uri.end(), [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  return printable &&
         curl_url_set(parsed.get(), CURLUPART_URL, uri.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
}

}  // namespace

absl::Status CheckAcceptUriTemplate(std::string_view uri_template) {
  const size_t scheme_end = uri_template.find("://");
  const std::string_view scheme = uri_template.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return absl::InvalidArgumentError("must start with https:// or http://");
  }
  const size_t place = uri_template.find(kPlaceholder);
  if (place == std::string_view::npos ||
      uri_template.find(kPlaceholder, place + 1) != std::string_view::npos) {
    return absl::InvalidArgumentError("must contain {token} exactly once");
  }
  const size_t host = scheme_end + 3;
  const size_t host_end = uri_template.find_first_of("/?#", host);
  if (host_end == host || host_end > place) {
    return absl::InvalidArgumentError("must name a host and have {token} after it");
  }
  if (!IsUri(AcceptUri(uri_template, "token"))) {
    return absl::InvalidArgumentError("must be a valid URI without user name and password");
  }
  return absl::OkStatus();
}

std::string AcceptUri(std::string_view uri_template, std::string_view token) {
  std::string uri(uri_template);
  const size_t place = uri.find(kPlaceholder);
  if (place != std::string::npos) uri.replace(place, kPlaceholder.size(), PercentEncode(token));
  return uri;
}

}  // namespace usher::mail
