#include "server/health.h"

#include "server/log.h"
#include "server/service_names.h"

namespace usher::server {

Health::Health(grpc::HealthCheckServiceInterface& service, int lanes)
    : service_(service), lanes_without_(lanes) {
  const std::lock_guard lock(mutex_);
  service_.SetServingStatus("liveness", true);
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

void Health::Publish() {
  const bool serving = lanes_without_ == 0 && !draining_;
  service_.SetServingStatus("", serving);
  service_.SetServingStatus("readiness", serving);
  for (const char* name : kServiceNames) service_.SetServingStatus(name, serving);
}

}  // namespace usher::server
