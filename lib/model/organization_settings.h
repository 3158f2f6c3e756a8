#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/invitation.h"

namespace usher::model {

// By the numbers of the API and the database.
enum class InviterDeparturePolicy : int16_t { kCancel = 1, kKeep };
enum class SeatMode : int16_t { kMembers = 1, kReserve };

inline constexpr size_t kMostDomains = 500;
inline constexpr size_t kMostRedirectUris = 100;

// An organization's own rules, as usher.v1.OrganizationSettings tells them; these are the defaults.
struct OrganizationSettings {
  absl::Duration invitation_lifetime = kInvitationLifetime;
  InviterDeparturePolicy inviter_departure_policy = InviterDeparturePolicy::kCancel;
  std::vector<std::string> allowed_domains;  // Each as ParseDomainPattern gives it.
  std::vector<std::string> denied_domains;
  int32_t seat_limit = 0;  // Here and below, 0 is no limit.
  SeatMode seat_mode = SeatMode::kMembers;
  int32_t pending_limit = 0;
  int32_t mails_per_hour = 0;
  int32_t mails_per_hour_per_inviter = 0;
  int32_t mails_per_hour_per_recipient = 0;
  std::vector<std::string> redirect_uris;  // Each a Uri's place.
  std::string default_locale;
  std::optional<absl::Duration> remind_before_expiry;  // None: nobody is reminded.
  bool notify_inviter = false;
};

}  // namespace usher::model
