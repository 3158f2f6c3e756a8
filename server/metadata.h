#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string_view>

namespace usher::server {

// The first value of the key in a call's metadata; it lives as long as the call.
inline std::optional<std::string_view> FindMetadata(const grpc::ServerContext& context,
                                                    const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

}  // namespace usher::server
