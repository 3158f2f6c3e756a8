#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

struct evp_mac_ctx_st;  // OpenSSL's EVP_MAC_CTX.

namespace usher::model {

using Mac = std::array<uint8_t, 32>;

// HMAC-SHA256 (RFC 2104) under one key.
//
// Holds a computation that has taken in the key and is copied for each message: fetching the
// algorithm and hashing the key anew would cost more than the message. Copies share it; any thread
// may sign. Ends the process where OpenSSL fails, since a MAC that is not one would open
// everything.
class Hmac {
 public:
  explicit Hmac(std::string_view key);

  Mac Sign(std::string_view message) const;

 private:
  std::shared_ptr<evp_mac_ctx_st> keyed_;
};

}  // namespace usher::model
