#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "async/lane.h"
#include "async/task.h"
#include "auth/claims.h"
#include "auth/issuers.h"
#include "auth/token_cache.h"

namespace usher::auth {

// Decides whether a token is believed. One for each lane, over the issuers of the process.
//
// A signature takes the lane less than 0.1 ms and is remembered (see TokenCache). Only a key that
// is not known makes it wait, for its issuer to be asked again (see KeySource).
class TokenVerifier {
 public:
  using Clock = std::function<absl::Time()>;

  TokenVerifier(async::Lane& lane, Issuers& issuers, Clock clock = &absl::Now)
      : lane_(lane), issuers_(issuers), clock_(std::move(clock)), cache_(kMostRemembered) {}

  // If it was found good before.
  std::shared_ptr<const Subject> Remembered(const std::string& digest) {
    return cache_.Find(digest, clock_());
  }
  // INVALID_ARGUMENT, what is wrong with it; UNAVAILABLE: its issuer's keys could not be had yet.
  // Neither quotes the token.
  async::Task<absl::StatusOr<std::shared_ptr<const Subject>>> Verify(std::string token,
                                                                     async::Instant deadline);

 private:
  static constexpr size_t kMostRemembered = 8192;

  async::Lane& lane_;
  Issuers& issuers_;
  Clock clock_;
  TokenCache cache_;
};

}  // namespace usher::auth
