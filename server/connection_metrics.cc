#include "server/connection_metrics.h"

namespace usher::server {

ConnectionMetrics::ConnectionMetrics(prometheus::Registry& registry)
    : accepted_(prometheus::BuildCounter()
                    .Name("usher_connections_accepted_total")
                    .Help("Connections of clients that were accepted.")
                    .Register(registry)
                    .Add({})),
      refused_(prometheus::BuildCounter()
                   .Name("usher_connections_refused_total")
                   .Help("Connections of clients that were closed at once: there were too many.")
                   .Register(registry)
                   .Add({})) {}

}  // namespace usher::server
