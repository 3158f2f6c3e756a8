#pragma once

#include "events/event.h"
#include "pg/batch.h"
#include "pg/rows.h"

// The columns that ReadEvent reads, of an event `e`.
#define USHER_EVENT_COLUMNS                                                                     \
  "e.organization_id, e.id, e.xact::text, e.sequence, e.type, e.subject_id, e.actor_user_id, "  \
  "e.actor_name, coalesce(e.origin ->> 'service', ''), coalesce(e.origin ->> 'request_id', '')" \
  ", coalesce(e.origin ->> 'change_id', ''), coalesce(e.origin ->> 'peer', '')"                 \
  ", coalesce(e.before::text, ''), coalesce(e.after::text, ''), e.create_time, e.user_id"       \
  ", coalesce(" USHER_EVENT_ADDRESS ", '')"

// A suppression's address.
#define USHER_EVENT_ADDRESS \
  "CASE WHEN e.type LIKE 'suppression.%' THEN coalesce(e.after, e.before) ->> 'email' END"

// Whether the Filter bound by AddFilter as $6 to $13 takes an event `e`; Filter::Matches likewise.
#define USHER_EVENT_FILTER                                                      \
  "(cardinality($6::text[]) + cardinality($7::text[]) = 0 OR e.type = ANY ($6)" \
  " OR split_part(e.type, '.', 1) = ANY ($7))"                                  \
  " AND ($8::uuid IS NULL OR e.actor_user_id = $8)"                             \
  " AND ($9::text IS NULL OR e.origin ->> 'service' = $9)"                      \
  " AND ($10::uuid IS NULL OR e.subject_id = $10)"                              \
  " AND ($11::text IS NULL OR " USHER_EVENT_ADDRESS                             \
  " = $11)"                                                                     \
  " AND ($12::timestamptz IS NULL OR e.create_time >= $12)"                     \
  " AND ($13::timestamptz IS NULL OR e.create_time < $13)"

namespace usher::events {

Event ReadEvent(const pg::Row& row, int first_column);

void AddFilter(pg::Bound& bound, const Filter& filter);

}  // namespace usher::events
