#include "storage/origin.h"

#include <nlohmann/json.hpp>

namespace usher::storage {

std::string Origin(const model::Call& call) {
  nlohmann::json origin = nlohmann::json::object();
  const auto add = [&origin](const char* name, const std::string& value) {
    if (!value.empty()) origin[name] = value;
  };
  add("service", call.caller.service);
  add("request_id", call.request_id);
  add("change_id", call.change_id);
  add("peer", call.peer);
  // What a caller sends may be any bytes; what is stored is UTF-8.
  return origin.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
}

}  // namespace usher::storage
