#include "model/etag.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace usher::model {

std::string ToEtag(int64_t revision) { return absl::StrCat("r", revision); }

absl::StatusOr<int64_t> ParseEtag(std::string_view etag) {
  int64_t revision = 0;
  if (etag.size() < 2 || etag[0] != 'r' ||
      !absl::SimpleAtoi(std::string(etag.substr(1)), &revision) || ToEtag(revision) != etag) {
    return absl::InvalidArgumentError("is no etag that a read returned");
  }
  return revision;
}

}  // namespace usher::model
