#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace usher::server {

// Metrics of how callers are known. Thread-safe; issuers and callers are no labels.
class AuthMetrics {
 public:
  explicit AuthMetrics(prometheus::Registry& registry);

  // A call with a token: one that is remembered, or one that was looked at.
  void Remembered() { remembered_.Increment(); }
  void Verified(const absl::Status& status);
  // A fetch of an issuer's keys.
  void Fetched(const absl::Status& status);
  // TLS files that changed.
  void Reloaded(const absl::Status& status);
  void SetCertificate(absl::Time from, absl::Time until);

 private:
  prometheus::Family<prometheus::Counter>& tokens_;
  prometheus::Counter& remembered_;
  prometheus::Counter& verified_;
  prometheus::Counter& refused_;
  prometheus::Counter& unavailable_;
  prometheus::Family<prometheus::Counter>& fetches_;
  prometheus::Counter& fetched_;
  prometheus::Counter& fetch_failed_;
  prometheus::Family<prometheus::Counter>& reloads_;
  prometheus::Counter& reloaded_;
  prometheus::Counter& reload_refused_;
  prometheus::Gauge& certificate_start_;
  prometheus::Gauge& certificate_expiry_;
};

}  // namespace usher::server
