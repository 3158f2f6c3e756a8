#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <string_view>

#include "absl/status/status.h"

namespace usher::server {

// Why `bytes` are no message of the type: INVALID_ARGUMENT FIELD_INVALID that names each field
// whose text is not UTF-8, or none when the bytes are not even Protobuf.
absl::Status ExplainUnreadable(const google::protobuf::Descriptor& type, std::string_view bytes);

// Reads a request from what a call brought, and drops that; an error is ExplainUnreadable's. gRPC's
// own reading would answer INTERNAL.
absl::Status ReadMessage(grpc::ByteBuffer& bytes, google::protobuf::Message& request);

}  // namespace usher::server
