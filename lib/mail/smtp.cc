#include "mail/smtp.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "mail/address.h"

namespace usher::mail {
namespace {

using Outcome = SmtpResult::Outcome;

constexpr int kAuthenticationRequired = 530;
constexpr int kStartMailInput = 354;
constexpr int kServiceNotAvailable = 421;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

void InitializeCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// A message on its way; libcurl asks for it in pieces.
struct Upload {
  std::string_view rest;
  // Nothing is left to ask for, so the final dot may have been sent.
  bool finished() const { return rest.empty(); }
};

size_t ReadUpload(char* buffer, size_t size, size_t count, void* context) {
  auto& upload = *static_cast<Upload*>(context);
  const size_t length = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), length);
  upload.rest.remove_prefix(length);
  return length;
}

// The enhanced status code of a reply that refuses, such as "451 4.7.1 later" or "550-5.1.1 no".
std::string EnhancedCode(std::string_view line) {
  const bool refuses = line.size() > 4 && (line[0] == '4' || line[0] == '5');
  if (!refuses || line[4] != line[0]) return "";
  size_t end = 4;
  while (end < line.size() &&
         (absl::ascii_isdigit(static_cast<unsigned char>(line[end])) || line[end] == '.')) {
    ++end;
  }
  const std::string_view code = line.substr(4, end - 4);
  const bool whole = code.size() <= 9 && std::count(code.begin(), code.end(), '.') == 2;
  return whole && code[1] == '.' && code.back() != '.' ? std::string(code) : "";
}

// Each line that the server sends.
size_t ReadReply(char* line, size_t size, size_t count, void* context) {
  const std::string_view text(line, size * count);
  std::string code = EnhancedCode(text);
  if (!code.empty()) *static_cast<std::string*>(context) = std::move(code);
  return text.size();
}

using Clock = std::chrono::steady_clock;

// libcurl's own time-out does not bound the answer to QUIT.
int StopAfterDeadline(void* deadline, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return Clock::now() > *static_cast<const Clock::time_point*>(deadline) ? 1 : 0;
}

long UseSsl(const SmtpOptions& options) {
  if (options.tls == SmtpTls::kOff) return CURLUSESSL_NONE;
  // A password never travels in the clear unless TLS is switched off by name.
  const bool required = options.tls == SmtpTls::kRequired || !options.user.empty();
  return required ? CURLUSESSL_ALL : CURLUSESSL_TRY;
}

// libcurl takes the name for EHLO from the path.
std::string UrlWithEhloName(const SmtpOptions& options) {
  std::string url = options.url;
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!options.ehlo_name.empty()) absl::StrAppend(&url, "/", options.ehlo_name);
  return url;
}

bool IsHostName(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  });
}

// libcurl says at which step a reply came: SEND_ERROR for MAIL, RCPT and DATA; others before.
bool IsAboutThisMail(CURLcode curl, int code, const Upload& upload) {
  return (curl == CURLE_SEND_ERROR || upload.finished()) && code != kAuthenticationRequired &&
         code != kServiceNotAvailable;
}

Outcome Classify(CURLcode curl, int code, const Upload& upload) {
  if (curl == CURLE_OK) return Outcome::kSent;
  if (code == kStartMailInput && upload.finished()) return Outcome::kAmbiguous;
  if (code >= 500 && code < 600 && IsAboutThisMail(curl, code, upload)) return Outcome::kPermanent;
  return Outcome::kTemporary;
}

// What was said before the connection failed would read as a success.
int DecidingReply(Outcome outcome, int code) {
  return outcome == Outcome::kTemporary && code < 400 ? 0 : code;
}

std::string Describe(Outcome outcome, CURLcode curl, int code, const std::string& enhanced) {
  if (outcome == Outcome::kSent) return "";
  if (outcome == Outcome::kAmbiguous) return "the mail server did not confirm the message";
  if (code >= 400 && code < 600) {
    return absl::StrCat("the mail server answered ", code, enhanced.empty() ? "" : " ", enhanced);
  }
  return absl::StrCat("no exchange with the mail server: ", curl_easy_strerror(curl));
}

}  // namespace

absl::Status CheckSmtpOptions(const SmtpOptions& options) {
  const std::string& url = options.url;
  if (url.rfind("smtp://", 0) != 0 && url.rfind("smtps://", 0) != 0) {
    return absl::InvalidArgumentError("must start with smtp:// or smtps://");
  }
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    return absl::InvalidArgumentError("must be smtp://host:port or smtps://host:port");
  }
  if (!IsHostName(options.ehlo_name)) {
    return absl::InvalidArgumentError("the EHLO name must be a host name");
  }
  return absl::OkStatus();
}

struct SmtpClient::Handle {
  explicit Handle(SmtpOptions given) : options(std::move(given)) {
    InitializeCurl();
    easy.reset(curl_easy_init());
    if (easy != nullptr) Configure();
  }

  void Configure() {
    CURL* curl = easy.get();
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // Not even from the environment.
    curl_easy_setopt(curl, CURLOPT_URL, UrlWithEhloName(options).c_str());
    curl_easy_setopt(curl, CURLOPT_USE_SSL, UseSsl(options));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(options.connect_timeout)));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(options.total_timeout)));
    if (!options.ca_file.empty()) {
      curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    }
    if (!options.user.empty()) {
      curl_easy_setopt(curl, CURLOPT_USERNAME, options.user.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, options.password.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, ReadUpload);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, ReadReply);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &enhanced);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, StopAfterDeadline);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &deadline);
  }

  // Sends QUIT but does not wait for an answer, which a silent server may never give.
  ~Handle() { Shutdown(SHUT_RD); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void Shutdown(int how) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (easy == nullptr) return;
    curl_easy_getinfo(easy.get(), CURLINFO_ACTIVESOCKET, &socket);
    if (socket != CURL_SOCKET_BAD) shutdown(socket, how);
  }

  SmtpResult Perform(const std::string& from, const std::string& recipient, std::string_view data) {
    const std::unique_ptr<curl_slist, FreeList> recipients(
        curl_slist_append(nullptr, recipient.c_str()));
    Upload upload{.rest = data};
    CURL* curl = easy.get();
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(data.size()));
    deadline = Clock::now() + absl::ToChronoMilliseconds(options.total_timeout);
    enhanced.clear();
    const CURLcode done = curl_easy_perform(curl);
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, nullptr);
    // libcurl keeps the connection when the answer to the final dot is late; the next message would
    // take that answer for its own.
    if (done != CURLE_OK) Shutdown(SHUT_RDWR);
    const Outcome outcome = Classify(done, static_cast<int>(code), upload);
    const int reply = DecidingReply(outcome, static_cast<int>(code));
    if (reply < 400) enhanced.clear();
    const bool away =
        outcome == Outcome::kTemporary && (reply == 0 || !IsAboutThisMail(done, reply, upload));
    return {outcome, reply, enhanced, away, Describe(outcome, done, reply, enhanced)};
  }

  SmtpOptions options;
  Clock::time_point deadline;
  std::string enhanced;
  std::unique_ptr<CURL, FreeEasy> easy;
};

SmtpClient::SmtpClient(SmtpOptions options)
    : handle_(std::make_unique<Handle>(std::move(options))) {}
SmtpClient::~SmtpClient() = default;

SmtpResult SmtpClient::Send(std::string_view envelope_from, std::string_view recipient,
                            std::string_view data) {
  if (!IsSafeAddress(envelope_from) || !IsSafeAddress(recipient)) {
    return {Outcome::kPermanent, 0, "", false, "the address cannot be sent to"};
  }
  if (handle_->easy == nullptr) return {Outcome::kTemporary, 0, "", false, "out of memory"};
  return handle_->Perform(std::string(envelope_from), std::string(recipient), data);
}

}  // namespace usher::mail
