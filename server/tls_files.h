#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace usher::server {

// PEM files; client_ca may be empty.
struct TlsFiles {
  std::string certificate;  // With its chain, the server's first.
  std::string key;
  std::string client_ca;
};

// What is in them.
struct TlsTexts {
  std::string certificate;
  std::string key;
  std::string client_ca;

  friend bool operator==(const TlsTexts&, const TlsTexts&) = default;
};

// UNAVAILABLE names the file that cannot be read.
absl::StatusOr<TlsTexts> ReadTlsFiles(const TlsFiles& files);

// Whether a server can use them: whole certificates, and a key, not encrypted, that belongs to the
// first. INVALID_ARGUMENT says what is wrong. The answer is when the server's certificate expires.
absl::StatusOr<absl::Time> CheckTlsTexts(const TlsTexts& texts);

}  // namespace usher::server
