#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <set>

#include "async/wakeup.h"
#include "server/call.h"

namespace usher::server {

// One server-streaming RPC, whatever its types, as its handler sees it.
//
// Life: armed → running (a handler's coroutine) ⇄ writing (one message at a time) → finishing →
// freed, when its last event has come back: arrival, write, finish, and the notice that the call is
// over, which comes also when the client goes away.
class StreamBase : public CallBase {
 public:
  // What became of a message.
  enum class Sent {
    kTaken,   // By the connection.
    kEnding,  // The stream is to end: over() or draining().
    kSlow,    // The client has not read for so long that there is no room until now.
  };

  // The client canceled, its deadline passed or its connection broke: nothing can be sent.
  bool over() const { return over_; }
  // The server is about to stop: the handler ends the stream.
  bool draining() const { return draining_; }
  // Notified when one of these turns true; the handler waits here for its own news, too.
  async::Wakeup& wakeup() { return wakeup_; }

  void Drain() {
    draining_ = true;
    wakeup_.Notify();
  }

 protected:
  StreamBase(Door& door, const Method& method)
      : CallBase(door, method), wakeup_(door.lane()), lane_(door.lane()), cut_off_(lane_.timers()) {
    server_context_.AsyncNotifyWhenDone(static_cast<async::Event*>(&done_));
  }

  // The tag of a write that is about to be started, and then its end.
  async::Event* BeginWrite() {
    writing_ = true;
    return &written_;
  }
  async::Task<Sent> Written(async::Instant until);
  // The end is about to be sent, behind what was written. A client that does not even read that is
  // cut off after a while.
  void BeginFinish();

 private:
  // A completion that this call waits for besides its own.
  class Tag final : public async::Event {
   public:
    Tag(StreamBase& stream, void (StreamBase::*fire)(bool)) : stream_(stream), fire_(fire) {}
    void Fire(bool ok) override { (stream_.*fire_)(ok); }

   private:
    StreamBase& stream_;
    void (StreamBase::*fire_)(bool);
  };

  void Finished() final;
  void OnDone(bool ok);
  void OnWritten(bool ok);
  void FreeIfLast();

  async::Wakeup wakeup_;
  Tag done_{*this, &StreamBase::OnDone};
  Tag written_{*this, &StreamBase::OnWritten};
  async::Lane& lane_;
  async::Timer cut_off_;
  bool writing_ = false;
  bool over_ = false;
  bool draining_ = false;
  bool done_came_ = false;
  bool finish_came_ = false;
};

// The running streams of a lane, so that they can be told to end.
class Streams {
 public:
  // Counts a stream while its handler runs.
  class Running {
   public:
    Running(Streams& streams, StreamBase& stream) : streams_(streams), stream_(stream) {
      streams_.running_.insert(&stream_);
      if (streams_.draining_) stream_.Drain();
    }
    ~Running() { streams_.running_.erase(&stream_); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    Streams& streams_;
    StreamBase& stream_;
  };

  // Tells all, and those that come later, too.
  void Drain() {
    draining_ = true;
    for (StreamBase* stream : running_) stream->Drain();
  }

 private:
  std::set<StreamBase*> running_;
  bool draining_ = false;
};

// A stream of messages of one type.
template <class Response>
class ServerStream : public StreamBase {
 public:
  // Sends a message; after any answer but kTaken the handler ends. At most until `until`.
  virtual async::Task<Sent> Send(const Response& message, async::Instant until) = 0;

 protected:
  using StreamBase::StreamBase;
};

// How a server-streaming method reaches its handler. Lives as long as its lane.
template <class Request, class Response>
struct StreamMethod {
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, grpc::ServerAsyncWriter<Response>*,
                     void* tag)>
      arm;
  std::function<async::Task<absl::Status>(CallContext&, const Request&, ServerStream<Response>&)>
      handle;
  Door* door;
  Streams* streams;
  Method method;
};

template <class Request, class Response>
class StreamCall final : public ServerStream<Response> {
 public:
  using Streaming = StreamMethod<Request, Response>;

  // Owned by the completion queue: freed when its last event has come back.
  static void Arm(const Streaming& streaming) {
    auto* call = new StreamCall(streaming);
    streaming.arm(&call->server_context_, &call->bytes_, &call->writer_,
                  static_cast<async::Event*>(call));
  }

  async::Task<StreamBase::Sent> Send(const Response& message, async::Instant until) override {
    if (this->over() || this->draining()) return Ending();
    writer_.Write(message, this->BeginWrite());
    streaming_.method.metrics->Sent();
    return this->Written(until);
  }

 private:
  explicit StreamCall(const Streaming& streaming)
      : ServerStream<Response>(*streaming.door, streaming.method),
        streaming_(streaming),
        writer_(&this->server_context_) {}

  static async::Task<StreamBase::Sent> Ending() { co_return StreamBase::Sent::kEnding; }

  void ArmNext() override { Arm(streaming_); }
  absl::Status Read() override { return ReadMessage(bytes_, request_); }
  async::Task<absl::Status> Handle(CallContext& context) override {
    const Streams::Running running(*streaming_.streams, *this);
    co_return co_await streaming_.handle(context, request_, *this);
  }
  void Finish(const grpc::Status& status) override {
    this->BeginFinish();
    // The last touch before the event that may free this call.
    writer_.Finish(status, static_cast<async::Event*>(this));
  }
  const google::protobuf::Message& request() const override { return request_; }
  google::protobuf::Message& response() override { return no_response_; }

  const Streaming& streaming_;
  grpc::ByteBuffer bytes_;
  Request request_;
  Response no_response_;  // Messages are sent as they come.
  grpc::ServerAsyncWriter<Response> writer_;
};

}  // namespace usher::server
