#include "auth/strict_json.h"

#include <set>
#include <string>
#include <vector>

namespace usher::auth {
namespace {

using nlohmann::json;

constexpr int kMostLevels = 8;

// Sees each value as it is parsed, while two members of one name can still be told apart.
class Strictness {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) members_.emplace_back();
    if (event == json::parse_event_t::object_end) members_.pop_back();
    if (event == json::parse_event_t::key) {
      kept_ &= members_.back().insert(parsed.get_ref<const std::string&>()).second;
    }
    kept_ &= depth <= kMostLevels;
    return true;
  }

  bool kept() const { return kept_; }

 private:
  std::vector<std::set<std::string>> members_;  // of the objects that are open
  bool kept_ = true;
};

}  // namespace

absl::StatusOr<json> ParseStrictObject(std::string_view text) {
  // The library would skip a byte order mark, and end at a NUL.
  if (text.empty() || text.front() != '{' || text.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("is no JSON object");
  }
  Strictness strictness;
  json parsed = json::parse(text, std::ref(strictness), /*allow_exceptions=*/false);
  if (!parsed.is_object()) return absl::InvalidArgumentError("is no JSON object");
  if (!strictness.kept()) {
    return absl::InvalidArgumentError("has a member twice, or too many levels");
  }
  return parsed;
}

const std::string* FindString(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return nullptr;
  return found->get_ptr<const std::string*>();
}

}  // namespace usher::auth
