#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "async/lane.h"
#include "async/task.h"
#include "model/caller.h"
#include "server/door.h"
#include "server/unreadable.h"

namespace usher::server {

// What a handler gets besides its request: who calls, until when, and where trailers go.
struct CallContext {
  model::Call call;
  std::string position;  // Set by a change: sent as the trailer usher-position.
};

// One RPC from arrival to Finish, whatever its types.
//
// Life: armed (waits for a call) → running (a handler's coroutine) → finishing → freed. Each step
// is one completion-queue event on the lane. Only Drive finishes a call, on every path, once.
class CallBase : public async::Event {
 public:
  CallBase(Door& door, const Method& method) : door_(door), method_(method) {}
  virtual ~CallBase() = default;
  CallBase(const CallBase&) = delete;
  CallBase& operator=(const CallBase&) = delete;

  void Fire(bool ok) final;

 protected:
  // Asks the queue for the next call of this method, in a call of its own.
  virtual void ArmNext() = 0;
  // Makes the request of the bytes that came.
  virtual absl::Status Read() = 0;
  virtual async::Task<absl::Status> Handle(CallContext& context) = 0;
  virtual void Finish(const grpc::Status& status) = 0;
  virtual const google::protobuf::Message& request() const = 0;
  virtual google::protobuf::Message& response() = 0;
  // Finish's event has come back. A call that waits for more frees itself later.
  virtual void Finished() { delete this; }

  grpc::ServerContext server_context_;

 private:
  static async::Detached Drive(CallBase* self);

  Door& door_;
  const Method& method_;
  CallContext context_;
  enum class Stage { kArmed, kFinishing } stage_ = Stage::kArmed;
};

// How a unary method reaches its handler. Lives as long as its lane.
template <class Request, class Response>
struct UnaryMethod {
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                     grpc::ServerAsyncResponseWriter<Response>*, void* tag)>
      arm;
  std::function<async::Task<absl::Status>(CallContext&, const Request&, Response*)> handle;
  Door* door;
  Method method;
};

template <class Request, class Response>
class UnaryCall final : public CallBase {
 public:
  using Unary = UnaryMethod<Request, Response>;

  // Owned by the completion queue: freed when its last event has come back.
  static void Arm(const Unary& unary) {
    auto* call = new UnaryCall(unary);
    unary.arm(&call->server_context_, &call->bytes_, &call->writer_,
              static_cast<async::Event*>(call));
  }

 private:
  explicit UnaryCall(const Unary& unary)
      : CallBase(*unary.door, unary.method), unary_(unary), writer_(&server_context_) {}

  void ArmNext() override { Arm(unary_); }
  absl::Status Read() override { return ReadMessage(bytes_, request_); }
  async::Task<absl::Status> Handle(CallContext& context) override {
    return unary_.handle(context, request_, &response_);
  }
  void Finish(const grpc::Status& status) override {
    // The last touch before the event that frees this call.
    if (status.ok()) {
      writer_.Finish(response_, status, static_cast<async::Event*>(this));
    } else {
      writer_.FinishWithError(status, static_cast<async::Event*>(this));
    }
  }

  const google::protobuf::Message& request() const override { return request_; }
  google::protobuf::Message& response() override { return response_; }

  const Unary& unary_;
  grpc::ByteBuffer bytes_;
  Request request_;
  Response response_;
  grpc::ServerAsyncResponseWriter<Response> writer_;
};

}  // namespace usher::server
