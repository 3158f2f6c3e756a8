#include "benchmark/requests.h"

#include <fstream>

namespace usher::bench {

std::vector<grpc::ByteBuffer> ReadRequests(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<grpc::ByteBuffer> requests;
  char length[4];
  while (file.read(length, sizeof length)) {
    size_t size = 0;
    for (const char byte : length) size = size << 8 | static_cast<unsigned char>(byte);
    std::string bytes(size, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(size));
    const grpc::Slice slice(bytes);
    requests.emplace_back(&slice, 1);
  }
  return requests;
}

}  // namespace usher::bench
