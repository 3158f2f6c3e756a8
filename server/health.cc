#include "server/health.h"

#include <utility>

#include "server/log.h"
#include "server/service_names.h"

namespace usher::server {

Health::Health(std::vector<grpc::HealthCheckServiceInterface*> services, int lanes)
    : services_(std::move(services)), lanes_without_(lanes) {
  const std::lock_guard lock(mutex_);
  Set("liveness", true);
  Publish();
}

void Health::DatabaseAvailable(bool available) {
  const std::lock_guard lock(mutex_);
  lanes_without_ += available ? -1 : 1;
  Log(available ? Level::kInfo : Level::kWarning,
      available ? "database available" : "database not available");
  Publish();
}

void Health::StartDraining() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  Publish();
}

void Health::Set(const char* name, bool serving) {
  for (auto* service : services_) service->SetServingStatus(name, serving);
}

void Health::Publish() {
  const bool serving = lanes_without_ == 0 && !draining_;
  Set("", serving);
  Set("readiness", serving);
  for (const char* name : kServiceNames) Set(name, serving);
}

}  // namespace usher::server
