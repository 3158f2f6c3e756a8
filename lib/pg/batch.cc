#include "pg/batch.h"

#include <algorithm>

namespace usher::pg {

bool Batch::read_only() const {
  return std::all_of(items_.begin(), items_.end(),
                     [](const Bound& item) { return item.statement().read_only; });
}

bool Batch::shares() const {
  return !rolls_back_ && !stays_alone_ &&
         std::all_of(items_.begin(), items_.end(),
                     [](const Bound& item) { return item.statement().shares; });
}

}  // namespace usher::pg
