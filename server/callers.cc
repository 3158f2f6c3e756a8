#include "server/callers.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "server/log.h"

namespace usher::server {
namespace {

// Says what has changed, not that it is still so.
class FetchLog {
 public:
  void Tell(const auth::Issuer& issuer, const absl::Status& status, bool changed) {
    const std::string problem(status.message());
    {
      const std::lock_guard lock(mutex_);
      std::string& told = told_[issuer.name];
      if (!changed && told == problem) return;
      told = problem;
    }
    if (status.ok()) {
      Log(Level::kInfo, "issuer's keys read", {{"issuer", issuer.name}});
    } else {
      Log(Level::kWarning, "issuer's keys not read", {{"issuer", issuer.name}, {"text", problem}});
    }
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> told_;  // guarded by mutex_
};

}  // namespace

Callers::Callers(const auth::Config& config, AuthMetrics& metrics)
    : metrics_(metrics),
      services_(config.services),
      allow_self_service_(config.allow_self_service),
      issuers_(config.issuers,
               [&metrics, log = std::make_shared<FetchLog>()](
                   const auth::Issuer& issuer, const absl::Status& status, bool changed) {
                 metrics.Fetched(status);
                 log->Tell(issuer, status, changed);
               }) {}

}  // namespace usher::server
