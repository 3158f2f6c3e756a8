#pragma once

#include <grpcpp/health_check_service_interface.h>

#include <mutex>
#include <vector>

namespace usher::server {

// What grpc.health.v1.Health says: "" and every service, and the names `readiness` and `liveness`.
//
// NOT_SERVING while PostgreSQL cannot be reached, except `liveness`, which a restart would not
// help. Once draining, everything but `liveness` stays NOT_SERVING whatever the database does.
// Thread-safe.
class Health {
 public:
  // Told on each of `services`. Serving begins when all of `lanes` have reported a database.
  Health(std::vector<grpc::HealthCheckServiceInterface*> services, int lanes);

  // A lane's database came or went.
  void DatabaseAvailable(bool available);
  void StartDraining();

 private:
  void Set(const char* name, bool serving);
  void Publish();  // with mutex_ held

  const std::vector<grpc::HealthCheckServiceInterface*> services_;
  std::mutex mutex_;
  int lanes_without_;      // guarded by mutex_
  bool draining_ = false;  // guarded by mutex_
};

}  // namespace usher::server
