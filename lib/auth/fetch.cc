#include "auth/fetch.h"

#include <curl/curl.h>

#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace usher::auth {
namespace {

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

struct Body {
  std::string text;
  size_t most_bytes;
};

// Writing less than was offered ends the transfer.
size_t Write(char* data, size_t size, size_t count, void* user) {
  Body& body = *static_cast<Body*>(user);
  if (body.text.size() + size * count > body.most_bytes) return 0;
  body.text.append(data, size * count);
  return size * count;
}

int Progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

absl::Status Failed(const std::string& why) { return absl::UnavailableError(why); }

void SetLimits(CURL* curl, const FetchOptions& options, const std::atomic<bool>& stopping) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stopping));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
}

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

}  // namespace

bool IsFetchable(const std::string& url) {
  const CurlUrl parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return false;
  const std::string scheme = Part(parsed.get(), CURLUPART_SCHEME);
  const std::string host = Part(parsed.get(), CURLUPART_HOST);
  const bool loopback = host == "127.0.0.1" || host == "[::1]" || host == "localhost";
  return scheme == "https" || (scheme == "http" && loopback);
}

absl::StatusOr<std::string> FetchUrl(const FetchOptions& options,
                                     const std::atomic<bool>& stopping) {
  static std::once_flag initialized;
  std::call_once(initialized, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  if (!IsFetchable(options.url)) return Failed("is no https URL");
  const Curl curl(curl_easy_init(), &curl_easy_cleanup);
  if (curl == nullptr) return Failed("libcurl cannot be used");
  Body body{"", options.most_bytes};
  curl_easy_setopt(curl.get(), CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Write);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  SetLimits(curl.get(), options, stopping);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_WRITE_ERROR) return Failed("the answer is too long");
  if (code != CURLE_OK) return Failed(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return Failed(absl::StrCat("the answer has status ", status));
  return body.text;
}

absl::StatusOr<std::string> FetchFile(const std::string& path, size_t most_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most_bytes + 1, '\0');
  if (!file) return Failed("the file cannot be read");
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Failed("the file cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > most_bytes) return Failed("the file is too long");
  return text;
}

}  // namespace usher::auth
