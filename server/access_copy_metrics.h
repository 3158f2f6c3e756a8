#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include "directory/access_copy.h"

namespace usher::server {

// How questions to the copies of all lanes went. Thread-safe.
class AccessCopyMetrics {
 public:
  explicit AccessCopyMetrics(prometheus::Registry& registry);

  void Asked(directory::AccessCopy::Outcome outcome);

 private:
  prometheus::Family<prometheus::Counter>& questions_;
  prometheus::Counter& answered_;
  prometheus::Counter& unknown_;
  prometheus::Counter& too_old_;
};

}  // namespace usher::server
