#include "storage/seats.h"

#include "absl/strings/str_cat.h"
#include "model/refusal.h"

namespace usher::storage {

absl::Status NoSeat(model::OrganizationId organization, int32_t seat_limit) {
  model::Refusal refusal;
  refusal.reason = model::Reason::kSeatLimit;
  refusal.quotas.push_back({organization.ToString(), absl::StrCat("seat_limit is ", seat_limit)});
  return model::Refuse(absl::StatusCode::kResourceExhausted, refusal,
                       "The organization's seats are taken; free one or raise the limit.");
}

}  // namespace usher::storage
