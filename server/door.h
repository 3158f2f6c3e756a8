#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "async/lane.h"
#include "async/task.h"
#include "model/caller.h"
#include "model/ids.h"
#include "server/metrics.h"
#include "usher/v1/options.pb.h"

namespace usher::server {

// An RPC and what it demands of callers, read from its method option once at start.
struct Method {
  std::string name;  // "CreateInvitation"
  int index = 0;     // Of the method in its service.
  usher::v1::Access access;
  // Of access.service_scope; none if it names none.
  std::optional<model::ServiceScope> scope;
  // The request's field with the organization; none if it has no such field.
  const google::protobuf::FieldDescriptor* organization = nullptr;
  // A change's request_id and validate_only; likewise.
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  const google::protobuf::FieldDescriptor* validate_only = nullptr;
  RpcMetrics* metrics = nullptr;
  // Answers with a stream, which lasts and so has a limit of its own and no longest deadline.
  bool streams = false;
};

class Authenticator;

struct DoorOptions {
  int most_calls = 1000;  // Running at once on a lane, besides streams.
  int most_streams = 1000;
  std::chrono::nanoseconds longest_deadline = std::chrono::seconds(30);
  // Told of every change that was made: of news for those who follow the log of events.
  std::function<void()> changed = [] {};
};

// The one door through which every call enters and leaves: admission, deadline, authentication,
// caller kind, request id; then status mapping, trailers, metrics and the log line. One per lane.
class Door {
 public:
  Door(async::Lane& lane, Authenticator& authenticator, model::IdSource& ids, DoorOptions options)
      : lane_(lane), authenticator_(authenticator), ids_(ids), options_(options) {}

  // A call that has entered; counted until it leaves.
  struct Ticket {
    const Method* method;
    async::Instant start;
  };

  Ticket Enter(const Method& method);
  // Fills `call`. RESOURCE_EXHAUSTED OVERLOADED when the lane is full, DEADLINE_EXCEEDED for a call
  // that is late already, what the authenticator refuses, PERMISSION_DENIED for the wrong kind of
  // caller or a service without the scope. `context` and `call` outlive it.
  async::Task<absl::Status> Admit(Ticket ticket, const grpc::ServerContext& context,
                                  model::Call& call);
  // How a call ended.
  struct Outcome {
    const absl::Status& status;
    const std::string& position;  // Of a change; empty otherwise.
    const google::protobuf::Message& request;
  };
  // Sets the metadata that goes back; the answer goes to the client as it is.
  grpc::Status Leave(const Ticket& ticket, grpc::ServerContext& context, const model::Call& call,
                     const Outcome& outcome);
  // An exception that a handler let through: a fault of ours.
  void Escaped(const model::Call& call, std::string_view what);

  // The client got, or will never get, the end of a call that has left.
  void Gone() { --open_; }

  // Calls that have entered and are not gone. Any thread may ask.
  int open() const { return open_; }
  async::Lane& lane() const { return lane_; }

 private:
  absl::Status Prepare(const Ticket& ticket, const grpc::ServerContext& context, model::Call& call);
  async::Instant Deadline(const Method& method, const grpc::ServerContext& context,
                          async::Instant now) const;

  async::Lane& lane_;
  Authenticator& authenticator_;
  model::IdSource& ids_;
  DoorOptions options_;
  int calls_ = 0;
  int streams_ = 0;
  std::atomic<int> open_ = 0;
};

}  // namespace usher::server
