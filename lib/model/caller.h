#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "model/email.h"
#include "model/ids.h"

namespace usher::model {

// Who makes a call.
struct Caller {
  enum class Kind { kAnonymous, kUser, kService };

  Kind kind = Kind::kAnonymous;
  // The user who calls, or for whom a service does. A person may be known only by e-mail.
  std::optional<UserId> user;
  std::optional<Email> email;
  bool email_verified = false;
  // The service that calls; with kind kUser, on behalf of the user.
  std::string service;
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
