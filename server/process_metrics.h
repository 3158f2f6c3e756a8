#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace usher::server {

// The standard process_* metrics of Prometheus clients, read from /proc when they are scraped.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace usher::server
