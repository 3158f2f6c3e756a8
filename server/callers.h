#pragma once

#include "auth/config.h"
#include "auth/issuers.h"
#include "auth/services.h"
#include "server/auth_metrics.h"

namespace usher::server {

// Who may call, as --auth_config says; shared by all lanes. Issuers' keys are kept current; what
// becomes of that is logged when it changes, and counted.
class Callers {
 public:
  Callers(const auth::Config& config, AuthMetrics& metrics);

  auth::Issuers& issuers() { return issuers_; }
  const auth::Services& services() const { return services_; }
  bool allow_self_service() const { return allow_self_service_; }
  AuthMetrics& metrics() { return metrics_; }

  // Resumes calls that wait for keys; Stop before the lanes do.
  void Abort() { issuers_.Abort(); }
  void Stop() { issuers_.Stop(); }

 private:
  AuthMetrics& metrics_;
  const auth::Services services_;
  const bool allow_self_service_;
  auth::Issuers issuers_;
};

}  // namespace usher::server
