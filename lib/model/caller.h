#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "model/email.h"
#include "model/ids.h"
#include "model/service_scope.h"

namespace usher::model {

// An account at an identity provider.
struct CallerIdentity {
  std::string issuer;
  std::string subject;
};

// Who makes a call.
struct Caller {
  enum class Kind { kAnonymous, kUser, kService };

  Kind kind = Kind::kAnonymous;
  // The user who calls, or for whom a service does. A person may be known only by e-mail.
  std::optional<UserId> user;
  std::optional<Email> email;
  bool email_verified = false;
  // The account that a user signed in with, and the names it has there; empty where not known.
  CallerIdentity identity;
  std::string first_name;
  std::string last_name;
  // The service that calls; with kind kUser, on behalf of the user.
  std::string service;
  ServiceScopes scopes;  // With kind kService.
};

// What a use case gets to know about the call it answers.
struct Call {
  Caller caller;
  std::chrono::steady_clock::time_point deadline;
  std::string request_id;   // x-request-id: for logs and events.
  std::string peer;         // Address, for events.
  std::string traceparent;  // W3C trace context; empty for none.
  // Of a change: the caller's name for it, empty for none, and a digest of what it asks for. See
  // storage::Change.
  std::string change_id;
  std::string change_content;
  bool validate_only = false;  // To be decided and not done.
};

}  // namespace usher::model
