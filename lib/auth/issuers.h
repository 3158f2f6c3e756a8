#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "auth/config.h"
#include "auth/key_source.h"

namespace usher::auth {

// An issuer and its keys.
struct TrustedIssuer {
  TrustedIssuer(const Issuer& issuer, KeySource::Observe observe);

  const Issuer rules;
  KeySource keys;
};

// All issuers that are configured, with their keys kept current. Any thread may ask.
class Issuers {
 public:
  using Observe =
      std::function<void(const Issuer& issuer, const absl::Status& status, bool changed)>;

  // `observe` is told of each fetch, on any thread.
  Issuers(const std::vector<Issuer>& issuers, Observe observe);

  // By the exact `iss`; nothing for any other.
  TrustedIssuer* Find(const std::string& name);
  // See KeySource.
  void Abort();
  void Stop();

 private:
  std::map<std::string, std::unique_ptr<TrustedIssuer>> issuers_;
};

}  // namespace usher::auth
