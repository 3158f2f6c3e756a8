#include "server/tls.h"

#include <fcntl.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/log.h"

namespace usher::server {
namespace {

constexpr std::chrono::seconds kInterval(1);

bool WriteAll(int file, const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(file, text.data() + written, text.size() - written);
    if (count <= 0) return false;
    written += static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

MemoryFile::MemoryFile() : file_(memfd_create("usher-tls", MFD_CLOEXEC)) {}

MemoryFile::~MemoryFile() {
  if (file_ >= 0) close(file_);
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", file_); }

absl::Status MemoryFile::Replace(const std::string& text, time_t modified) {
  const int fresh = memfd_create("usher-tls", MFD_CLOEXEC);
  const timespec times[2] = {{modified, 0}, {modified, 0}};
  const bool replaced = fresh >= 0 && WriteAll(fresh, text) && futimens(fresh, times) == 0 &&
                        dup3(fresh, file_, O_CLOEXEC) == file_;
  if (fresh >= 0) close(fresh);
  return replaced ? absl::OkStatus() : absl::InternalError("no file in memory can be written");
}

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Make(TlsFiles files, AuthMetrics& metrics) {
  std::unique_ptr<ServerTls> tls(new ServerTls(std::move(files), metrics));
  const auto texts = ReadTlsFiles(tls->files_);
  if (!texts.ok()) return texts.status();
  if (auto status = tls->Use(*texts); !status.ok()) return status;
  tls->thread_ = std::thread([raw = tls.get()] { raw->Watch(); });
  return tls;
}

ServerTls::ServerTls(TlsFiles files, AuthMetrics& metrics)
    : files_(std::move(files)), metrics_(metrics) {}

ServerTls::~ServerTls() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<grpc::ServerCredentials> ServerTls::Credentials(Clients clients) const {
  namespace experimental = grpc::experimental;
  const bool verifies = !files_.client_ca.empty();
  const auto provider = std::make_shared<experimental::FileWatcherCertificateProvider>(
      identity_.path(), identity_.path(), verifies ? client_ca_.path() : "",
      static_cast<unsigned>(kInterval.count()));
  experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (verifies) {
    options.watch_root_certs();
    options.set_cert_request_type(clients == Clients::kMustHaveCertificate
                                      ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                      : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return experimental::TlsServerCredentials(options);
}

void ServerTls::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

void ServerTls::Look() {
  const auto texts = ReadTlsFiles(files_);
  absl::Status status = texts.status();
  const std::string before = std::exchange(unreadable_, std::string(status.message()));
  if (texts.ok()) {
    if (std::exchange(seen_, *texts) == *texts) return;
    status = Use(*texts);
  } else if (before == unreadable_) {
    return;
  }
  if (status.ok()) return;
  metrics_.Reloaded(status);
  Log(Level::kWarning, "TLS files not used", {{"text", std::string(status.message())}});
}

absl::Status ServerTls::Use(const TlsTexts& texts) {
  if (texts == used_) return absl::OkStatus();
  const auto validity = CheckTlsTexts(texts);
  if (!validity.ok()) return validity.status();
  if (auto status = Publish(texts); !status.ok()) return status;
  metrics_.SetCertificate(validity->from, validity->until);
  metrics_.Reloaded(absl::OkStatus());
  Log(Level::kInfo, "TLS files read",
      {{"certificate_expire_time", absl::FormatTime(validity->until)}});
  return absl::OkStatus();
}

absl::Status ServerTls::Publish(const TlsTexts& texts) {
  // gRPC reads key and certificate apart, and again if the time of the file changed meanwhile.
  ++generation_;
  const std::string identity = absl::StrCat(texts.key, "\n", texts.certificate);
  if (auto status = identity_.Replace(identity, generation_); !status.ok()) return status;
  if (auto status = client_ca_.Replace(texts.client_ca, generation_); !status.ok()) return status;
  used_ = texts;
  return absl::OkStatus();
}

}  // namespace usher::server
