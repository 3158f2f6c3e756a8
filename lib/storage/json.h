#pragma once

#include <map>
#include <string>
#include <string_view>

namespace usher::storage {

// Small string maps (metadata, labels) as the JSON objects in which they are stored.
std::string ToJson(const std::map<std::string, std::string>& map);
std::map<std::string, std::string> MapFromJson(std::string_view json);

}  // namespace usher::storage
