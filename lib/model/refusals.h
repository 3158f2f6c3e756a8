#pragma once

#include <optional>

#include "absl/status/status.h"
#include "model/refusal.h"

namespace usher::model {

// Gathers why a change is refused: the first reason, or every one for a caller who asks beforehand
// (validate_only), so that they learn all of them at once.
//
//   Refusals refusals(call.validate_only);
//   refusals.Add(CheckFields(…));              // OK is no reason
//   if (member) refusals.Add(MemberExists(*member));
//   co_return refusals.ToStatus();
class Refusals {
 public:
  // Whether those after the first count.
  explicit Refusals(bool every) : every_(every) {}

  void Add(const absl::Status& status);

  bool empty() const { return first_.ok() && !error_; }
  // OK when nothing was added. Else the first as it is; if every one counts, with the field and
  // quota violations of all, the longest retry delay, and a Cause for each. A status that is no
  // refusal of ours (an error of the database) stands for all the others.
  absl::Status ToStatus() const;

 private:
  const bool every_;
  absl::Status first_;
  Refusal gathered_;
  std::optional<absl::Status> error_;
};

}  // namespace usher::model
