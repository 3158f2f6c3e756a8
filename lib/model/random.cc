#include "model/random.h"

#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>

namespace usher::model {

void FillRandom(std::span<uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1) return;
  std::fputs("no random numbers: OpenSSL's generator failed\n", stderr);
  std::abort();
}

}  // namespace usher::model
