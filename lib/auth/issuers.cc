#include "auth/issuers.h"

#include "auth/fetch.h"

namespace usher::auth {
namespace {

using std::chrono::milliseconds;

// A file is read again this often, so that a replaced one is used soon.
constexpr absl::Duration kFileLifetime = absl::Seconds(1);

milliseconds ToMilliseconds(absl::Duration duration) {
  return milliseconds(absl::ToInt64Milliseconds(duration));
}

KeySource::Fetch FetchOf(const Issuer& issuer) {
  if (!issuer.keys_file.empty()) {
    return [path = issuer.keys_file](const std::atomic<bool>&) {
      return FetchFile(path, KeySet::kLongestText);
    };
  }
  FetchOptions options;
  options.url = issuer.keys_url;
  options.ca_file = issuer.keys_ca_file;
  options.most_bytes = KeySet::kLongestText;
  return [options](const std::atomic<bool>& stopping) { return FetchUrl(options, stopping); };
}

KeySourceOptions OptionsOf(const Issuer& issuer) {
  const bool file = !issuer.keys_file.empty();
  KeySourceOptions options;
  options.lifetime = ToMilliseconds(file ? kFileLifetime : issuer.keys_lifetime);
  options.refresh_interval = ToMilliseconds(file ? kFileLifetime : issuer.keys_refresh_interval);
  options.retry_after = std::min(options.retry_after, options.refresh_interval);
  return options;
}

}  // namespace

TrustedIssuer::TrustedIssuer(const Issuer& issuer, KeySource::Observe observe)
    : rules(issuer), keys(FetchOf(issuer), OptionsOf(issuer), std::move(observe)) {}

Issuers::Issuers(const std::vector<Issuer>& issuers, Observe observe) {
  for (const Issuer& issuer : issuers) {
    issuers_[issuer.name] = std::make_unique<TrustedIssuer>(
        issuer, [issuer, observe](const absl::Status& status, bool changed) {
          observe(issuer, status, changed);
        });
  }
}

TrustedIssuer* Issuers::Find(const std::string& name) {
  const auto found = issuers_.find(name);
  return found == issuers_.end() ? nullptr : found->second.get();
}

void Issuers::Abort() {
  for (auto& [name, issuer] : issuers_) issuer->keys.Abort();
}

void Issuers::Stop() {
  for (auto& [name, issuer] : issuers_) issuer->keys.Stop();
}

}  // namespace usher::auth
