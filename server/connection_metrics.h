#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace usher::server {

// Connections of clients.
class ConnectionMetrics {
 public:
  explicit ConnectionMetrics(prometheus::Registry& registry);

  void Accepted() { accepted_.Increment(); }
  void Refused() { refused_.Increment(); }

 private:
  prometheus::Counter& accepted_;
  prometheus::Counter& refused_;
};

}  // namespace usher::server
