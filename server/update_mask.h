#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/fields.h"

namespace usher::server {

// Which fields an update changes: those that its mask names, by themselves or by the message that
// they are in, with "*" all that may be changed, and without a mask those that are set.
class UpdateMask {
 public:
  // A path that is none of `changeable` is a violation of update_mask.
  UpdateMask(Fields& fields, const google::protobuf::FieldMask& mask,
             const std::vector<std::string_view>& changeable);

  bool Names(std::string_view path, bool set) const;

 private:
  bool all_ = false;
  std::vector<std::string> paths_;
};

}  // namespace usher::server
