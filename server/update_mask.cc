#include "server/update_mask.h"

#include <algorithm>

namespace usher::server {

UpdateMask::UpdateMask(Fields& fields, const google::protobuf::FieldMask& mask,
                       const std::vector<std::string_view>& changeable)
    : paths_(mask.paths().begin(), mask.paths().end()) {
  for (size_t i = 0; i < paths_.size(); ++i) {
    if (paths_[i] == "*") {
      all_ = true;
    } else if (std::find(changeable.begin(), changeable.end(), paths_[i]) == changeable.end()) {
      fields.Add("update_mask.paths[" + std::to_string(i) + "]", "is no field that can be changed");
    }
  }
}

bool UpdateMask::Names(std::string_view path, bool set) const {
  if (all_) return true;
  if (paths_.empty()) return set;
  return std::any_of(paths_.begin(), paths_.end(), [path](std::string_view named) {
    const bool inside = path.size() > named.size() && path[named.size()] == '.';
    return path == named || (inside && path.substr(0, named.size()) == named);
  });
}

}  // namespace usher::server
