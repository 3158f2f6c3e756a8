#include <cstdint>
#include <cstdlib>

#include "auth/key_set.h"

// A JWK Set is read or refused; each key that was read fits an algorithm, and no signature of
// nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace usher;
  const auto set = auth::KeySet::Parse({reinterpret_cast<const char*>(data), size});
  if (!set.ok()) return 0;
  for (const auth::Key& key : set->keys()) {
    int fits = 0;
    for (const auth::Algorithm algorithm : auth::kAlgorithms) {
      fits += key.Fits(algorithm) ? 1 : 0;
      if (key.Verify(algorithm, "message", std::string(64, '\0'))) std::abort();
    }
    if (fits == 0) std::abort();
  }
  return 0;
}
