#include "server/change.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/digest.h"

namespace usher::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The same bytes for the same content, also of maps.
std::string Serialize(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

bool IsUnmade(const FieldDescriptor& field, bool creates) {
  const std::string& name = field.name();
  return name == "accept_uri" || name == "position" || name == "etag" || (creates && name == "id");
}

void Forget(Message& message, bool creates) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsUnmade(*field, creates)) {
      reflection->ClearField(&message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) {
      continue;
    } else if (!field->is_repeated()) {
      Forget(*reflection->MutableMessage(&message, field), creates);
    } else {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        Forget(*reflection->MutableRepeatedMessage(&message, field, i), creates);
      }
    }
  }
}

}  // namespace

void ReadChange(const Method& method, const Message& request, model::Call& call) {
  const auto* reflection = request.GetReflection();
  if (method.validate_only != nullptr) {
    call.validate_only = reflection->GetBool(request, method.validate_only);
  }
  if (method.request_id == nullptr) return;
  call.change_id = reflection->GetString(request, method.request_id);
  if (call.change_id.empty()) return;
  const std::unique_ptr<Message> content(request.New());
  content->CopyFrom(request);
  reflection->ClearField(content.get(), method.request_id);
  call.change_content = model::Digest(absl::StrCat(method.name, "\n", Serialize(*content)));
}

void ForgetUnmade(const Method& method, Message& response) {
  Forget(response, absl::StrContains(method.name, "Create"));
}

}  // namespace usher::server
