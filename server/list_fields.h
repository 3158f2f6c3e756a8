#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/list.h"
#include "server/fields.h"
#include "usher/v1/resources.pb.h"

// Fields that the requests of lists have in common.
namespace usher::server {

// Empty: `standard`.
model::OrderBy ReadOrderBy(Fields& fields, const std::string& text,
                           const std::vector<std::string_view>& columns, model::OrderBy standard);

// filter.search.
std::string ReadSearch(Fields& fields, const std::string& text);

// Both ends, each if given.
void ReadTimeRange(Fields& fields, const std::string& field, const usher::v1::TimeRange& range,
                   std::optional<absl::Time>& start, std::optional<absl::Time>& end);

// filter.roles.
template <class Repeated>
std::vector<model::Role> ReadRoles(Fields& fields, const Repeated& roles) {
  std::vector<model::Role> read;
  for (int i = 0; i < roles.size(); ++i) {
    const auto role = static_cast<usher::v1::Role>(roles.Get(i));
    read.push_back(fields.ReadRole("filter.roles[" + std::to_string(i) + "]", role));
  }
  return read;
}

// Values of an enumeration whose numbers are the domain's; `what` is what one of them is.
template <class Enum, class Repeated>
std::vector<Enum> ReadEnums(Fields& fields, const std::string& field, const Repeated& values,
                            bool (*is_valid)(int), const std::string& what) {
  std::vector<Enum> read;
  for (int i = 0; i < values.size(); ++i) {
    if (values.Get(i) == 0 || !is_valid(values.Get(i))) {
      fields.Add(field + "[" + std::to_string(i) + "]", "is no " + what);
    }
    read.push_back(static_cast<Enum>(values.Get(i)));
  }
  return read;
}

}  // namespace usher::server
