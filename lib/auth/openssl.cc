#include "auth/openssl.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace usher::auth {
namespace {

constexpr size_t kP256Bytes = 32;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

BigNumber ToNumber(std::string_view bytes) {
  return BigNumber(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

// Failures are answers here, so nothing stays in the thread's queue for somebody else to find.
class NoErrorsLeft {
 public:
  NoErrorsLeft() = default;
  ~NoErrorsLeft() { ERR_clear_error(); }
  NoErrorsLeft(const NoErrorsLeft&) = delete;
  NoErrorsLeft& operator=(const NoErrorsLeft&) = delete;
};

std::shared_ptr<EVP_PKEY> ToKey(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext making(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* raw = nullptr;
  if (!params || !making || EVP_PKEY_fromdata_init(making.get()) <= 0 ||
      EVP_PKEY_fromdata(making.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0) {
    return nullptr;
  }
  std::shared_ptr<EVP_PKEY> key(raw, EVP_PKEY_free);
  const KeyContext checking(EVP_PKEY_CTX_new_from_pkey(nullptr, raw, nullptr));
  if (!checking || EVP_PKEY_public_check(checking.get()) <= 0) return nullptr;
  return key;
}

bool Verify(EVP_MD_CTX* context, std::string_view message, std::string_view signature) {
  return EVP_DigestVerify(context, Bytes(signature), signature.size(), Bytes(message),
                          message.size()) == 1;
}

}  // namespace

std::shared_ptr<EVP_PKEY> RsaPublicKey(std::string_view modulus, std::string_view exponent) {
  const NoErrorsLeft guard;
  const BigNumber n = ToNumber(modulus);
  const BigNumber e = ToNumber(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return ToKey("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> P256PublicKey(std::string_view x, std::string_view y) {
  const NoErrorsLeft guard;
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return nullptr;
  const std::string point = std::string(1, '\x04').append(x).append(y);  // uncompressed
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return ToKey("EC", builder.get());
}

std::shared_ptr<EVP_PKEY> Ed25519PublicKey(std::string_view x) {
  const NoErrorsLeft guard;
  return {EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()),
          EVP_PKEY_free};
}

bool VerifyRsa(EVP_PKEY* key, bool pss, std::string_view message, std::string_view signature) {
  const NoErrorsLeft guard;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;  // belongs to the context
  if (!context || EVP_DigestVerifyInit(context.get(), &padding, EVP_sha256(), nullptr, key) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(padding, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1) {
    return false;
  }
  if (pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) != 1) return false;
  return Verify(context.get(), message, signature);
}

bool VerifyP256(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const NoErrorsLeft guard;
  if (signature.size() != 2 * kP256Bytes) return false;
  const Signature pair(ECDSA_SIG_new());
  BigNumber r = ToNumber(signature.substr(0, kP256Bytes));
  BigNumber s = ToNumber(signature.substr(kP256Bytes));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return false;
  (void)r.release();  // They belong to the pair now.
  (void)s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return false;
  const std::string encoded(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         Verify(context.get(), message, encoded);
}

bool VerifyEd25519(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const NoErrorsLeft guard;
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         Verify(context.get(), message, signature);
}

}  // namespace usher::auth
