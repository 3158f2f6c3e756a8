#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "server/call.h"
#include "server/door.h"
#include "server/metrics.h"

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

}  // namespace internal

// Finds what the method option in the proto says about a method; aborts for a method without one.
Method DescribeMethod(const std::string& service, const std::string& name, Metrics& metrics);

// The methods that one lane serves. A call is armed for each of them; more as calls arrive.
class Registry {
 public:
  Registry(Door& door, grpc::ServerCompletionQueue& queue, Metrics& metrics)
      : door_(door), queue_(queue), metrics_(metrics) {}

  // Serves `request` (an AsyncService's RequestX) by `handle`, with `armed` calls waiting at once.
  template <class AsyncService, class RequestPointer, class Handle>
  void Unary(AsyncService& service, RequestPointer request, const std::string& service_name,
             const std::string& name, Handle handle, int armed = kArmed) {
    using Traits = internal::RequestTraits<RequestPointer>;
    using Request = typename Traits::RequestType;
    using Response = typename Traits::ResponseType;
    auto method = std::make_shared<UnaryMethod<Request, Response>>();
    method->arm = [this, &service, request](grpc::ServerContext* context, Request* message,
                                            grpc::ServerAsyncResponseWriter<Response>* writer,
                                            void* tag) {
      (service.*request)(context, message, writer, &queue_, &queue_, tag);
    };
    method->handle = std::move(handle);
    method->door = &door_;
    method->method = DescribeMethod(service_name, name, metrics_);
    methods_.push_back(method);
    for (int i = 0; i < armed; ++i) UnaryCall<Request, Response>::Arm(*method);
  }

  // A method of the API that a later part builds: UNIMPLEMENTED NOT_IMPLEMENTED.
  template <class AsyncService, class RequestPointer>
  void Unbuilt(AsyncService& service, RequestPointer request, const std::string& service_name,
               const std::string& name) {
    using Traits = internal::RequestTraits<RequestPointer>;
    Unary(
        service, request, service_name, name,
        [](CallContext&, const typename Traits::RequestType&, typename Traits::ResponseType*) {
          return NotImplemented();
        },
        /*armed=*/1);
  }

 private:
  // So that a burst finds calls to match with while the lane is busy.
  static constexpr int kArmed = 16;

  static async::Task<absl::Status> NotImplemented();

  Door& door_;
  grpc::ServerCompletionQueue& queue_;
  Metrics& metrics_;
  std::deque<std::shared_ptr<void>> methods_;
};

}  // namespace usher::server
