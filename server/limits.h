#pragma once

#include "absl/time/time.h"
#include "server/flags.h"

namespace usher::server {

// What a connection may do, and how many there may be.
struct Limits {
  int connections = 10'000;
  int streams = 256;  // Calls at once on one connection.
  // After its age, give or take a tenth, a client is told to connect anew; calls that run then have
  // the grace time. So clients spread over replicas that came later. Zero: no limit.
  absl::Duration age = absl::Minutes(5);
  absl::Duration age_grace = absl::Seconds(30);
  absl::Duration idle = absl::Minutes(15);
  // After this time without a word the server asks whether the client still lives.
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // Clients that ask more often are thrown out (ENHANCE_YOUR_CALM).
  absl::Duration ping_interval = absl::Seconds(20);
  bool ping_when_idle = true;
};

void AddLimitFlags(FlagSet& flags, Limits& limits);

}  // namespace usher::server
