#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/ids.h"
#include "model/position.h"

namespace usher::events {

using model::Position;

// One change of one thing, as it is stored.
//
// `before` and `after` are JSON objects, empty for none, under the names of the API's fields, with
// values as columns have them: numbers of enumerations, UUIDs. server/event_rendering.h makes them
// what callers see.
struct Event {
  std::optional<model::OrganizationId> organization;
  model::EventId id;
  Position position;
  std::string type;
  model::Uuid subject{};
  std::optional<model::UserId> actor_user;
  std::string actor_service;  // With actor_user: the service acted for the user.
  std::string actor_name;     // Of the user, at the time.
  std::string call_id;
  std::string request_id;
  std::string peer;
  std::string before;
  std::string after;
  absl::Time time;
  std::optional<model::UserId> user;  // Whom it is about.
  // The address of a suppression, which has no other name.
  std::string address;

  // About what in memory.
  size_t bytes() const { return sizeof(Event) + before.size() + after.size() + 256; }
};

// The thing in a type: "invitation" of "invitation.created".
inline std::string_view ThingOf(std::string_view type) { return type.substr(0, type.find('.')); }

// Which events. Fields are joined by AND, the values of one by OR; what is empty filters nothing.
struct Filter {
  std::vector<std::string> types;
  std::vector<std::string> things;  // All types of these.
  std::optional<model::UserId> actor_user;
  std::optional<std::string> actor_service;
  std::optional<model::Uuid> subject;
  std::optional<std::string> address;
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;

  // Decides as the statements in lib/events do. `start` and `end` are not looked at.
  bool Matches(const Event& event) const;
};

}  // namespace usher::events
