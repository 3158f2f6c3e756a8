#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/email.h"
#include "model/ids.h"
#include "model/membership.h"

namespace usher::directory {

using model::Identity;

inline constexpr size_t kMostIdentities = 20;

struct NewUser {
  model::Email email;
  std::string first_name;
  std::string last_name;
  std::string locale;
  std::vector<Identity> identities;  // Each once.
};

// What is none stays as it is.
struct UserUpdate {
  model::UserId user;
  std::optional<int64_t> revision;  // The etag's; none to overwrite whatever is there.
  std::optional<model::Email> email;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<std::string> locale;
  std::optional<std::vector<Identity>> identities;
};

// What an identity provider knows of a person; empty names and an empty locale are not known.
struct KnownPerson {
  Identity identity;
  model::Email email;
  std::string first_name;
  std::string last_name;
  std::string locale;
};

struct UserDeletion {
  model::UserId user;
  std::optional<int64_t> revision;
};

// What a deletion did, in numbers of rows.
struct ErasureReport {
  model::UserId user;
  absl::Time erase_time;
  int32_t memberships_ended = 0;
  int32_t identities_removed = 0;
  int32_t invitations_erased = 0;  // To the person.
  int32_t invitations_kept = 0;    // From the person, now without an inviter.
  int32_t mails_withdrawn = 0;
  int32_t events_redacted = 0;
  std::string position;
};

}  // namespace usher::directory
