#pragma once

#include <array>

namespace usher::server {

// The services of the API, for health and metrics.
inline constexpr std::array kServiceNames = {
    "usher.v1.InvitationService", "usher.v1.UserDirectory", "usher.v1.OrganizationDirectory",
    "usher.v1.EventLog",          "usher.v1.MailDelivery",
};

}  // namespace usher::server
