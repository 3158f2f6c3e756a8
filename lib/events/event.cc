#include "events/event.h"

#include <algorithm>

namespace usher::events {
namespace {

template <class Values>
bool Contains(const Values& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

bool Filter::Matches(const Event& event) const {
  const bool of_type = (types.empty() && things.empty()) || Contains(types, event.type) ||
                       Contains(things, ThingOf(event.type));
  return of_type && (!actor_user || event.actor_user == actor_user) &&
         (!actor_service || event.actor_service == *actor_service) &&
         (!subject || event.subject == *subject) && (!address || event.address == *address);
}

}  // namespace usher::events
