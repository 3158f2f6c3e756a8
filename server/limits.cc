#include "server/limits.h"

namespace usher::server {

void AddLimitFlags(FlagSet& flags, Limits& limits) {
  constexpr auto kNone = absl::ZeroDuration();
  constexpr auto kShortest = absl::Milliseconds(100);
  flags.Group("Connections");
  flags.AddNumber("max_connections", limits.connections, 1, 1'000'000,
                  "Connections of clients, about; more are closed at once");
  flags.AddNumber("max_connection_streams", limits.streams, 1, 100'000,
                  "Calls at once on a connection");
  flags.AddDuration("max_connection_age", limits.age, kNone,
                    "Age, give or take a tenth, at which clients are told to connect anew; 0 for "
                    "none");
  flags.AddDuration("max_connection_age_grace", limits.age_grace, kNone,
                    "After that, time that running calls may take to end");
  flags.AddDuration("max_connection_idle", limits.idle, kNone,
                    "Time without a call after which a connection is closed; 0 for none");
  flags.AddDuration("keepalive_time", limits.keepalive_time, kShortest,
                    "Silence after which a client is pinged");
  flags.AddDuration("keepalive_timeout", limits.keepalive_timeout, kShortest,
                    "Time that the client has to answer the ping");
  flags.AddDuration("min_ping_interval", limits.ping_interval, kNone,
                    "Clients that ping more often than this are disconnected");
  flags.AddSwitch("ping_without_calls", limits.ping_when_idle,
                  "Clients may ping while they have no call");
}

}  // namespace usher::server
