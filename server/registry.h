#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "server/call.h"
#include "server/door.h"
#include "server/metrics.h"
#include "server/stream.h"

namespace usher::server {

namespace internal {

template <class Pointer>
struct RequestTraits;

// The generated AsyncService::RequestX member functions.
template <class Service, class Request, class Response>
struct RequestTraits<void (Service::*)(
    grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
    grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*)> {
  using RequestType = Request;
  using ResponseType = Response;
};
template <class Service, class Request, class Response>
struct RequestTraits<void (Service::*)(grpc::ServerContext*, Request*,
                                       grpc::ServerAsyncWriter<Response>*, grpc::CompletionQueue*,
                                       grpc::ServerCompletionQueue*, void*)> {
  using RequestType = Request;
  using ResponseType = Response;
};

}  // namespace internal

// A generated AsyncService that lets requests be taken as the bytes they are, which gRPC's
// generated WithRawMethod_… classes do for one method each.
template <class AsyncService>
class ByteService final : public AsyncService {
 public:
  using AsyncService::RequestAsyncServerStreaming;
  using AsyncService::RequestAsyncUnary;
};

// Finds what the method option in the proto says about a method; aborts for a method without one.
Method DescribeMethod(const std::string& service, const std::string& name, Metrics& metrics);

// The methods that one lane serves. A call is armed for each of them; more as calls arrive.
class Registry {
 public:
  Registry(Door& door, grpc::ServerCompletionQueue& queue, Metrics& metrics)
      : door_(door), queue_(queue), metrics_(metrics) {}

  // Serves the method whose messages `request` (an AsyncService's RequestX) names by `handle`, with
  // `armed` calls waiting at once.
  template <class AsyncService, class RequestPointer, class Handle>
  void Unary(ByteService<AsyncService>& service, RequestPointer /*request*/,
             const std::string& service_name, const std::string& name, Handle handle,
             int armed = kArmed) {
    using Traits = internal::RequestTraits<RequestPointer>;
    using Request = typename Traits::RequestType;
    using Response = typename Traits::ResponseType;
    auto method = std::make_shared<UnaryMethod<Request, Response>>();
    method->method = DescribeMethod(service_name, name, metrics_);
    const int index = method->method.index;
    method->arm = [this, &service, index](grpc::ServerContext* context, grpc::ByteBuffer* bytes,
                                          grpc::ServerAsyncResponseWriter<Response>* writer,
                                          void* tag) {
      service.RequestAsyncUnary(index, context, bytes, writer, &queue_, &queue_, tag);
    };
    method->handle = std::move(handle);
    method->door = &door_;
    methods_.push_back(method);
    for (int i = 0; i < armed; ++i) UnaryCall<Request, Response>::Arm(*method);
  }

  // Likewise a server-streaming method.
  template <class AsyncService, class RequestPointer, class Handle>
  void Stream(ByteService<AsyncService>& service, RequestPointer /*request*/,
              const std::string& service_name, const std::string& name, Handle handle) {
    using Traits = internal::RequestTraits<RequestPointer>;
    using Request = typename Traits::RequestType;
    using Response = typename Traits::ResponseType;
    auto method = std::make_shared<StreamMethod<Request, Response>>();
    method->method = DescribeMethod(service_name, name, metrics_);
    const int index = method->method.index;
    method->arm = [this, &service, index](grpc::ServerContext* context, grpc::ByteBuffer* bytes,
                                          grpc::ServerAsyncWriter<Response>* writer, void* tag) {
      service.RequestAsyncServerStreaming(index, context, bytes, writer, &queue_, &queue_, tag);
    };
    method->handle = std::move(handle);
    method->door = &door_;
    method->streams = &streams_;
    methods_.push_back(method);
    for (int i = 0; i < kArmed; ++i) StreamCall<Request, Response>::Arm(*method);
  }

  // The streams that run.
  Streams& streams() { return streams_; }

 private:
  // So that a burst finds calls to match with while the lane is busy.
  static constexpr int kArmed = 16;

  Door& door_;
  grpc::ServerCompletionQueue& queue_;
  Metrics& metrics_;
  Streams streams_;
  std::deque<std::shared_ptr<void>> methods_;
};

}  // namespace usher::server
