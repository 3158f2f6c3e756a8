#include "model/refusals.h"

#include <algorithm>
#include <string>

namespace usher::model {

void Refusals::Add(const absl::Status& status) {
  if (status.ok() || error_ || (!every_ && !first_.ok())) return;
  const std::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal) {
    error_ = status;
    return;
  }
  gathered_.causes.push_back({refusal->reason, std::string(status.message())});
  if (first_.ok()) {
    first_ = status;
    gathered_.reason = refusal->reason;
    gathered_.metadata = refusal->metadata;
  }
  gathered_.fields.insert(gathered_.fields.end(), refusal->fields.begin(), refusal->fields.end());
  gathered_.quotas.insert(gathered_.quotas.end(), refusal->quotas.begin(), refusal->quotas.end());
  if (refusal->retry_after) {
    gathered_.retry_after = std::max(gathered_.retry_after, refusal->retry_after);
  }
}

absl::Status Refusals::ToStatus() const {
  if (error_) return *error_;
  if (first_.ok() || !every_) return first_;
  const absl::string_view sentence = first_.message();
  return Refuse(first_.code(), gathered_, {sentence.data(), sentence.size()});
}

}  // namespace usher::model
