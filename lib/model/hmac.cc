#include "model/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace usher::model {
namespace {

using Context = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

void Require(bool held) {
  if (held) return;
  std::fputs("no HMAC-SHA256: OpenSSL failed\n", stderr);
  std::abort();
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Hmac::Hmac(std::string_view key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(
      EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr), &EVP_MAC_free);
  Require(algorithm != nullptr);
  keyed_.reset(EVP_MAC_CTX_new(algorithm.get()), &EVP_MAC_CTX_free);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  Require(keyed_ != nullptr && EVP_MAC_init(keyed_.get(), Bytes(key), key.size(), parameters) == 1);
}

Mac Hmac::Sign(std::string_view message) const {
  const Context context(EVP_MAC_CTX_dup(keyed_.get()), &EVP_MAC_CTX_free);
  Mac mac{};
  size_t size = 0;
  Require(context != nullptr &&
          EVP_MAC_update(context.get(), Bytes(message), message.size()) == 1 &&
          EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) == 1 && size == mac.size());
  return mac;
}

}  // namespace usher::model
