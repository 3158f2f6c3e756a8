#include "model/person_name.h"

#include "absl/status/status.h"
#include "model/text.h"

namespace usher::model {
namespace {

constexpr size_t kLongestName = 64;

absl::StatusOr<std::string> ParseName(std::string_view text, size_t min) {
  auto name = CleanText(text, {.min = min, .max = kLongestName});
  if (!name.ok()) return name;
  if (name->find_first_of("<>") != std::string::npos || name->find("://") != std::string::npos) {
    return absl::InvalidArgumentError("must not contain <, > or ://");
  }
  return name;
}

}  // namespace

absl::StatusOr<std::string> ParseFirstName(std::string_view text) { return ParseName(text, 1); }
absl::StatusOr<std::string> ParseLastName(std::string_view text) { return ParseName(text, 0); }

std::string DisplayName(std::string_view first_name, std::string_view last_name) {
  std::string name(first_name);
  if (!last_name.empty()) name.append(" ").append(last_name);
  return name;
}

}  // namespace usher::model
