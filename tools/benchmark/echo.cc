// The ceiling: a server on one completion queue and one thread that answers every CheckAccess with
// the same bytes. What gRPC itself costs, with nothing behind it.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "usher/v1/user_directory.grpc.pb.h"

namespace usher::bench {
namespace {

using Service = v1::UserDirectory::WithRawMethod_CheckAccess<v1::UserDirectory::Service>;

// Armed, then finishing, then freed: as server/call.h does it.
struct Call {
  grpc::ServerContext context;
  grpc::ByteBuffer request;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer{&context};
  bool finishing = false;
};

void Arm(Service& service, grpc::ServerCompletionQueue& queue) {
  auto* call = new Call;
  service.RequestCheckAccess(&call->context, &call->request, &call->writer, &queue, &queue, call);
}

int Serve(const std::string& address, size_t response_size) {
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  const grpc::Slice bytes(std::string(response_size, '\0'));
  const grpc::ByteBuffer response(&bytes, 1);
  for (int i = 0; i < 16; ++i) Arm(service, *queue);
  std::puts("listening");
  std::fflush(stdout);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
    auto* call = static_cast<Call*>(tag);
    if (!ok || call->finishing) {
      delete call;
      continue;
    }
    Arm(service, *queue);
    call->finishing = true;
    call->writer.Finish(response, grpc::Status::OK, call);
  }
  return 0;
}

}  // namespace
}  // namespace usher::bench

int main(int argc, char** argv) {
  std::string address;
  size_t response_size = 4;
  CLI::App app("Answers every CheckAccess with the same bytes.");
  app.add_option("--listen", address)->required();
  app.add_option("--response_size", response_size, "Bytes");
  CLI11_PARSE(app, argc, argv);
  return usher::bench::Serve(address, response_size);
}
