#include "server/access_copy_metrics.h"

namespace usher::server {

using Outcome = directory::AccessCopy::Outcome;

AccessCopyMetrics::AccessCopyMetrics(prometheus::Registry& registry)
    : questions_(prometheus::BuildCounter()
                     .Name("usher_access_copy_questions_total")
                     .Help("Access checks that might be answered from memory, by outcome.")
                     .Register(registry)),
      answered_(questions_.Add({{"outcome", "answered"}})),
      unknown_(questions_.Add({{"outcome", "unknown"}})),
      too_old_(questions_.Add({{"outcome", "too_old"}})) {}

void AccessCopyMetrics::Asked(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
      return answered_.Increment();
    case Outcome::kUnknown:
      return unknown_.Increment();
    case Outcome::kTooOld:
      return too_old_.Increment();
  }
}

}  // namespace usher::server
