#include "events/rows.h"

#include "storage/codecs.h"

namespace usher::events {

Event ReadEvent(const pg::Row& row, int first_column) {
  Event event;
  model::OrganizationId organization;
  std::string xact;
  row.ReadFrom(first_column, organization, event.id, xact, event.position.sequence, event.type,
               event.subject, event.actor_user, event.actor_name, event.actor_service,
               event.call_id, event.request_id, event.peer, event.before, event.after, event.time,
               event.user, event.address);
  if (!organization.is_nil()) event.organization = organization;
  event.position.xact = Position::Parse(xact)->xact;
  return event;
}

void AddFilter(pg::Bound& bound, const Filter& filter) {
  bound.Add(filter.types);
  bound.Add(filter.things);
  bound.Add(filter.actor_user);
  bound.Add(filter.actor_service);
  bound.Add(filter.subject);
  bound.Add(filter.address);
  bound.Add(filter.start);
  bound.Add(filter.end);
}

}  // namespace usher::events
