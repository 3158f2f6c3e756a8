#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <vector>

namespace usher::bench {

// Requests as they go over the wire, from a file in which each comes after its length as four
// bytes, most significant first. Empty when the file cannot be read.
std::vector<grpc::ByteBuffer> ReadRequests(const std::string& path);

}  // namespace usher::bench
