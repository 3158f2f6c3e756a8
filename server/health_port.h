#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace usher::server {

// A server beside the main one that has nothing but grpc.health.v1, in plain text: Kubernetes'
// gRPC probes speak no TLS, and a server offers all its services on all its ports.
class HealthPort {
 public:
  // Listens on `address`; UNAVAILABLE if that cannot be had.
  static absl::StatusOr<std::unique_ptr<HealthPort>> Open(const std::string& address);
  ~HealthPort();
  HealthPort(const HealthPort&) = delete;
  HealthPort& operator=(const HealthPort&) = delete;

  grpc::HealthCheckServiceInterface& service() { return *server_->GetHealthCheckService(); }
  int port() const { return port_; }

 private:
  HealthPort() = default;

  // Answers all else with UNIMPLEMENTED; without a service of its own, gRPC makes no server.
  grpc::CallbackGenericService others_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace usher::server
