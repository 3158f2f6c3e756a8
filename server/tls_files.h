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

// Between which times a certificate may be used.
struct Validity {
  absl::Time from;
  absl::Time until;
};

// Whether a server can use them: whole certificates, and a key, not encrypted, that belongs to the
// first. INVALID_ARGUMENT says what is wrong. The answer is about the server's certificate.
absl::StatusOr<Validity> CheckTlsTexts(const TlsTexts& texts);

}  // namespace usher::server
