#include "model/digest.h"

#include <openssl/sha.h>

#include <array>

#include "model/base64.h"

namespace usher::model {

std::string Digest(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return ToBase64Url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace usher::model
