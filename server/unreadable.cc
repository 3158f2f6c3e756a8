#include "server/unreadable.h"

#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "model/text.h"

namespace usher::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// As fields stand on the wire; messages in messages deeper than that are not usher's.
constexpr int kDeepest = 10;

void AddInvalidText(const Descriptor& type, const std::string& bytes, const std::string& prefix,
                    int depth, model::Violations& violations) {
  UnknownFieldSet wire;
  if (depth > kDeepest || !wire.ParseFromString(bytes)) return;
  std::map<int, int> seen;
  for (int i = 0; i < wire.field_count(); ++i) {
    const UnknownField& value = wire.field(i);
    const FieldDescriptor* field = type.FindFieldByNumber(value.number());
    if (field == nullptr || value.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    std::string path = absl::StrCat(prefix, field->name());
    if (field->is_repeated()) absl::StrAppend(&path, "[", seen[value.number()]++, "]");
    if (field->message_type() != nullptr) {
      AddInvalidText(*field->message_type(), value.length_delimited(), path + ".", depth + 1,
                     violations);
    } else if (field->type() == FieldDescriptor::TYPE_STRING &&
               !model::IsValidUtf8(value.length_delimited())) {
      violations.Add(path, "is not valid UTF-8");
    }
  }
}

}  // namespace

absl::Status ExplainUnreadable(const Descriptor& type, std::string_view bytes) {
  model::Violations violations;
  AddInvalidText(type, std::string(bytes), "", 0, violations);
  if (!violations.empty()) return violations.ToStatus();
  return model::Refuse(absl::StatusCode::kInvalidArgument, model::Reason::kFieldInvalid,
                       absl::StrCat("The request is no message of the type ", type.name(), "."));
}

absl::Status ReadMessage(grpc::ByteBuffer& bytes, google::protobuf::Message& request) {
  grpc::ProtoBufferReader reader(&bytes);
  if (reader.status().ok() && request.ParseFromZeroCopyStream(&reader)) {
    bytes.Clear();
    return absl::OkStatus();
  }
  grpc::Slice slice;
  const bool whole = bytes.DumpToSingleSlice(&slice).ok();
  const std::string text(whole ? std::string(slice.begin(), slice.end()) : "");
  return ExplainUnreadable(*request.GetDescriptor(), text);
}

}  // namespace usher::server
