#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/auth_metrics.h"
#include "server/tls_files.h"

namespace usher::server {

// A file that exists only in memory, under a path that this process can open.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const;
  // As a whole: whoever opens it reads the old text or the new one. `modified` tells them apart.
  absl::Status Replace(const std::string& text, time_t modified);

 private:
  int file_;
};

// TLS credentials of the server, which follow their files while it runs.
//
// gRPC watches files by itself but takes a pair that does not match, and then refuses every
// handshake. So a thread of ours reads the files each second, and gives gRPC, in memory, only what
// it has checked. What cannot be used is logged and counted, and what was used before stays.
// Running connections go on; new handshakes see a change within about two seconds.
class ServerTls {
 public:
  // Whether clients must have a certificate; otherwise one that is shown must be good.
  enum class Clients { kMayHaveCertificate, kMustHaveCertificate };

  static absl::StatusOr<std::unique_ptr<ServerTls>> Make(TlsFiles files, AuthMetrics& metrics);
  ~ServerTls();
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  std::shared_ptr<grpc::ServerCredentials> Credentials(Clients clients) const;

 private:
  ServerTls(TlsFiles files, AuthMetrics& metrics);

  void Watch();
  void Look();
  // Lets new handshakes use them; the status says what is wrong with them.
  absl::Status Use(const TlsTexts& texts);
  absl::Status Publish(const TlsTexts& texts);

  const TlsFiles files_;
  AuthMetrics& metrics_;
  MemoryFile identity_;  // Key and certificates in one, so that they change together.
  MemoryFile client_ca_;
  time_t generation_ = 0;
  TlsTexts used_;
  TlsTexts seen_;
  std::string
      unreadable_;  // Why the files could not be read at the last look; empty if they could.

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace usher::server
