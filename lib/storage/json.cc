#include "storage/json.h"

#include <nlohmann/json.hpp>

namespace usher::storage {

std::string ToJson(const std::map<std::string, std::string>& map) {
  return map.empty() ? "{}" : nlohmann::json(map).dump();
}

std::map<std::string, std::string> MapFromJson(std::string_view json) {
  std::map<std::string, std::string> map;
  if (json == "{}") return map;
  // Only what ToJson wrote is stored; anything else reads as nothing rather than throwing.
  const auto object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) map.emplace(key, value.get<std::string>());
  }
  return map;
}

}  // namespace usher::storage
