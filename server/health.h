#pragma once

#include <grpcpp/health_check_service_interface.h>

#include <mutex>

namespace usher::server {

// What grpc.health.v1.Health says: "" and every service, and the names `readiness` and `liveness`.
//
// NOT_SERVING while PostgreSQL cannot be reached, except `liveness`, which a restart would not
// help. Once draining, everything but `liveness` stays NOT_SERVING whatever the database does.
// Thread-safe.
class Health {
 public:
  // Serving begins when all of `lanes` have reported a database.
  Health(grpc::HealthCheckServiceInterface& service, int lanes);

  // A lane's database came or went.
  void DatabaseAvailable(bool available);
  void StartDraining();

 private:
  void Publish();  // with mutex_ held

  grpc::HealthCheckServiceInterface& service_;
  std::mutex mutex_;
  int lanes_without_;      // guarded by mutex_
  bool draining_ = false;  // guarded by mutex_
};

}  // namespace usher::server
