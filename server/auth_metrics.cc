#include "server/auth_metrics.h"

namespace usher::server {

using prometheus::BuildCounter;
using prometheus::BuildGauge;

AuthMetrics::AuthMetrics(prometheus::Registry& registry)
    : tokens_(BuildCounter()
                  .Name("usher_tokens_total")
                  .Help("Calls with a token, by outcome.")
                  .Register(registry)),
      remembered_(tokens_.Add({{"outcome", "remembered"}})),
      verified_(tokens_.Add({{"outcome", "verified"}})),
      refused_(tokens_.Add({{"outcome", "refused"}})),
      unavailable_(tokens_.Add({{"outcome", "unavailable"}})),
      fetches_(BuildCounter()
                   .Name("usher_jwks_fetches_total")
                   .Help("Fetches of issuers' keys, by outcome.")
                   .Register(registry)),
      fetched_(fetches_.Add({{"outcome", "ok"}})),
      fetch_failed_(fetches_.Add({{"outcome", "failed"}})),
      reloads_(BuildCounter()
                   .Name("usher_tls_reloads_total")
                   .Help("Changes of the TLS files, by outcome.")
                   .Register(registry)),
      reloaded_(reloads_.Add({{"outcome", "ok"}})),
      reload_refused_(reloads_.Add({{"outcome", "refused"}})),
      certificate_start_(BuildGauge()
                             .Name("usher_tls_certificate_start_time_seconds")
                             .Help("Since when the certificate in use is valid, as Unix time.")
                             .Register(registry)
                             .Add({})),
      certificate_expiry_(BuildGauge()
                              .Name("usher_tls_certificate_expire_time_seconds")
                              .Help("When the certificate in use expires, as Unix time.")
                              .Register(registry)
                              .Add({})) {}

void AuthMetrics::Verified(const absl::Status& status) {
  if (status.ok()) {
    verified_.Increment();
  } else if (absl::IsUnavailable(status)) {
    unavailable_.Increment();
  } else {
    refused_.Increment();
  }
}

void AuthMetrics::Fetched(const absl::Status& status) {
  (status.ok() ? fetched_ : fetch_failed_).Increment();
}

void AuthMetrics::Reloaded(const absl::Status& status) {
  (status.ok() ? reloaded_ : reload_refused_).Increment();
}

void AuthMetrics::SetCertificate(absl::Time from, absl::Time until) {
  certificate_start_.Set(static_cast<double>(absl::ToUnixSeconds(from)));
  certificate_expiry_.Set(static_cast<double>(absl::ToUnixSeconds(until)));
}

}  // namespace usher::server
