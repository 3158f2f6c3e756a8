#include "server/health_port.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/builder.h"

namespace usher::server {

absl::StatusOr<std::unique_ptr<HealthPort>> HealthPort::Open(const std::string& address) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetLimits(builder, Limits{});
  LeaveOutReflection(builder);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  std::unique_ptr<HealthPort> opened(new HealthPort);
  builder.RegisterCallbackGenericService(&opened->others_);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &opened->port_);
  opened->server_ = builder.BuildAndStart();
  if (opened->server_ == nullptr || opened->port_ == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, " for health"));
  }
  return opened;
}

HealthPort::~HealthPort() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace usher::server
