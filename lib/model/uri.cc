#include "model/uri.h"

#include <curl/urlapi.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace usher::model {
namespace {

constexpr size_t kLongest = 2048;

absl::Status Wrong() {
  return absl::InvalidArgumentError(
      "must be an absolute https URI (http for loopback) of at most 2048 octets");
}

// libcurl for its parser of URLs alone; nothing here talks to a network.
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string Part(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK) return "";
  const std::unique_ptr<char, decltype(&curl_free)> owned(text, &curl_free);
  return text;
}

bool IsUriCharacter(char c) {
  return c > ' ' && c < '\x7f' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

// libcurl takes more than one slash for two, and reads a host with percent-encoding.
bool HasPlainHost(const std::string& text) {
  const size_t host = text.find("://") + 3;
  const size_t end = std::min(text.find_first_of("/?#", host), text.size());
  return end > host && text.substr(host, end - host).find('%') == std::string::npos;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || absl::StartsWith(host, "127.");
}

// What may be read as another path than is written.
bool IsAmbiguous(const std::string& path) {
  const std::string lower = absl::AsciiStrToLower(path);
  if (absl::StrContains(lower, "%2f") || absl::StrContains(lower, "%5c")) return true;
  const std::string plain = absl::StrReplaceAll(lower, {{"%2e", "."}}) + "/";
  return absl::StrContains(plain, "/./") || absl::StrContains(plain, "/../");
}

}  // namespace

Uri::Uri(std::string as_typed, std::string place)
    : as_typed_(std::move(as_typed)), place_(std::move(place)) {}

bool Uri::has_query_or_fragment() const {
  return as_typed_.find_first_of("?#") != std::string::npos;
}

absl::StatusOr<Uri> Uri::Parse(std::string_view text) {
  std::string typed(text);
  const bool web =
      absl::StartsWithIgnoreCase(typed, "https://") || absl::StartsWithIgnoreCase(typed, "http://");
  if (!web || typed.size() > kLongest || !HasPlainHost(typed) ||
      !std::all_of(typed.begin(), typed.end(), IsUriCharacter)) {
    return Wrong();
  }
  const Url url(curl_url());
  const auto parsed =
      curl_url_set(url.get(), CURLUPART_URL, typed.c_str(), CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
  if (parsed != CURLUE_OK) return Wrong();
  const std::string scheme = Part(url, CURLUPART_SCHEME);
  const std::string host = absl::AsciiStrToLower(Part(url, CURLUPART_HOST));
  const std::string port = Part(url, CURLUPART_PORT);
  std::string path = Part(url, CURLUPART_PATH);
  if (host.empty() || (scheme == "http" && !IsLoopback(host))) return Wrong();
  if (IsAmbiguous(path)) {
    return absl::InvalidArgumentError("must not have . or .. or an encoded slash in its path");
  }
  while (absl::EndsWith(path, "/")) path.pop_back();
  std::string place = absl::StrCat(scheme, "://", host, port.empty() ? "" : ":", port, path);
  return Uri(std::move(typed), std::move(place));
}

}  // namespace usher::model
