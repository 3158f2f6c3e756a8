#include "server/log_reading.h"

#include <optional>

namespace usher::server {
namespace {

using directory::Outdated;

std::optional<Outdated> WhatOutdates(const events::Event& event) {
  if (!event.organization) return std::nullopt;
  const std::string_view thing = events::ThingOf(event.type);
  if (thing == "organization")
    return Outdated{Outdated::What::kOrganization, *event.organization, {}};
  if (thing == "site" || thing == "site_group") {
    return Outdated{Outdated::What::kSites, *event.organization, {}};
  }
  if (!event.user) return std::nullopt;
  return Outdated{Outdated::What::kMember, *event.organization, *event.user};
}

}  // namespace

directory::LogReading ToLogReading(const events::Slice& slice) {
  directory::LogReading reading;
  reading.after = slice.after;
  reading.upto = slice.upto;
  reading.next_xact = slice.next_xact;
  reading.asked_at = slice.asked_at;
  reading.time = slice.time;
  reading.server = slice.server;
  for (const events::Event& event : slice.events) {
    if (const auto outdated = WhatOutdates(event)) reading.outdated.push_back(*outdated);
  }
  return reading;
}

}  // namespace usher::server
