#pragma once

#include "model/position.h"

namespace usher::model {

// How fresh a read must be.
struct Consistency {
  // By the numbers of the API.
  enum class Mode { kMinimizeLatency = 1, kAtLeast, kFullyConsistent };

  Mode mode = Mode::kMinimizeLatency;
  Position at_least;  // With kAtLeast.
};

}  // namespace usher::model
