#include "server/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"

namespace usher::server {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  return text.str();
}

Bio Open(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
}

// Otherwise OpenSSL would ask the terminal.
int NoPassword(char*, int, int, void*) { return 0; }

// None if any of them is broken, as the last one of a file that is still being written.
std::vector<Certificate> ReadCertificates(const std::string& text) {
  const Bio bio = Open(text);
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, &NoPassword, nullptr)) {
    certificates.emplace_back(one, &X509_free);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) certificates.clear();
  return certificates;
}

PrivateKey ReadKey(const std::string& text) {
  const Bio bio = Open(text);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassword, nullptr), &EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

absl::Status Bad(const char* why) { return absl::InvalidArgumentError(why); }

}  // namespace

absl::StatusOr<TlsTexts> ReadTlsFiles(const TlsFiles& files) {
  TlsTexts texts;
  auto certificate = ReadFile(files.certificate);
  if (!certificate.ok()) return certificate.status();
  auto key = ReadFile(files.key);
  if (!key.ok()) return key.status();
  texts.certificate = *std::move(certificate);
  texts.key = *std::move(key);
  if (!files.client_ca.empty()) {
    auto client_ca = ReadFile(files.client_ca);
    if (!client_ca.ok()) return client_ca.status();
    texts.client_ca = *std::move(client_ca);
    if (texts.client_ca.empty()) return Bad("the client CA file is empty");
  }
  return texts;
}

absl::StatusOr<Validity> CheckTlsTexts(const TlsTexts& texts) {
  const std::vector<Certificate> chain = ReadCertificates(texts.certificate);
  if (chain.empty()) return Bad("the certificate file has no whole certificates");
  const PrivateKey key = ReadKey(texts.key);
  if (key == nullptr) return Bad("the key file has no private key without a password");
  const bool fits = X509_check_private_key(chain[0].get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) return Bad("the key is not that of the certificate");
  if (!texts.client_ca.empty() && ReadCertificates(texts.client_ca).empty()) {
    return Bad("the client CA file has no whole certificates");
  }
  std::tm from{}, until{};
  if (ASN1_TIME_to_tm(X509_get0_notBefore(chain[0].get()), &from) != 1 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(chain[0].get()), &until) != 1) {
    return Bad("the certificate has no valid times");
  }
  return Validity{absl::FromTM(from, absl::UTCTimeZone()),
                  absl::FromTM(until, absl::UTCTimeZone())};
}

}  // namespace usher::server
