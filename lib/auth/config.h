#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "auth/algorithm.h"
#include "model/caller.h"

namespace usher::auth {

// Whose tokens are believed, and what of them.
struct Issuer {
  std::string name;                    // `iss`, compared exactly.
  std::vector<std::string> audiences;  // One of them must be in `aud`.
  std::vector<Algorithm> algorithms;
  std::vector<std::string> token_types;  // `typ`, in lower case; an empty one: may be missing.
  // Where the keys are; one of the two.
  std::string keys_url;
  std::string keys_file;
  std::string keys_ca_file;  // What the URL's certificate is checked against; empty: the system's.
  absl::Duration keys_lifetime = absl::Minutes(10);         // Then they are fetched again.
  absl::Duration keys_refresh_interval = absl::Minutes(1);  // Between fetches for unknown keys.
  // Names of claims.
  std::string email_claim = "email";
  std::string email_verified_claim = "email_verified";
  std::string first_name_claim = "given_name";
  std::string last_name_claim = "family_name";
  bool email_always_verified = false;
  absl::Duration longest_lifetime = absl::Hours(24);  // Of a token.
};

// A backend service, and how it is known: by any of these.
struct Service {
  struct TokenSubject {
    std::string issuer;
    std::string subject;
  };

  std::string name;
  std::vector<std::string> certificate_uris;  // Subject alternative names of its certificate.
  std::vector<std::string> certificate_dns_names;
  std::vector<TokenSubject> token_subjects;
  model::ServiceScopes scopes;
  bool may_act_for_users = false;
};

// Who may call; checked (see server/auth_config.h).
struct Config {
  std::vector<Issuer> issuers;
  std::vector<Service> services;
  // Whether a person without an account may found an organization.
  bool allow_self_service = false;
};

}  // namespace usher::auth
