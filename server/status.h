#pragma once

#include <grpcpp/grpcpp.h>

#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace usher::server {

// A status as a client gets it, and the reason it carries ("" for OK), for log and metrics.
struct Answer {
  grpc::Status status;
  std::string_view reason;
};

// The one place where a status of ours becomes gRPC's, with google.rpc details: ErrorInfo (domain
// "usher") always; BadRequest with every field violation; PreconditionFailure; QuotaFailure;
// ResourceInfo; RetryInfo where trying again later makes sense. What is no refusal of ours, such as
// an error of the database, gets the reason of its class and a message that gives nothing away.
Answer ToAnswer(const absl::Status& status);

// The same for one row of a batch.
google::rpc::Status ToProto(const absl::Status& status);

// "ALREADY_EXISTS", as in the gRPC specification.
std::string_view CodeName(grpc::StatusCode code);

}  // namespace usher::server
