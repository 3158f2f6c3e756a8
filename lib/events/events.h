#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "events/event.h"
#include "events/horizon.h"
#include "model/caller.h"
#include "model/ids.h"
#include "pg/pool.h"

namespace usher::events {

// Whose events: of an organization, about a user, or, with neither, all.
struct Scope {
  std::optional<model::OrganizationId> organization;
  std::optional<model::UserId> user;
};

struct ListQuery {
  Scope scope;
  Filter filter;
  bool newest_first = true;
  int32_t page_size = 50;
  std::optional<Position> after;
};

struct EventPage {
  std::vector<Event> events;
  std::optional<Position> next;
};

// What is stored after a position, up to another one.
struct StoredEvents {
  std::vector<Event> events;
  Position upto;
  Horizon horizon;
};

// Reads the log; remembers nothing itself. Features write it, each in the statement of its change.
class Events {
 public:
  explicit Events(pg::Pool& db) : db_(db) {}

  // All that is committed, in the order of the log. Who may read the scope of a user is for whoever
  // calls to say; an organization's is decided here: NOT_FOUND ORGANIZATION_NOT_FOUND, or
  // PERMISSION_DENIED PERMISSION_MISSING. Services also read what a deleted organization left.
  async::Task<absl::StatusOr<EventPage>> List(const model::Call& call, ListQuery query);

  // For those who follow the log (see Watch): whether the caller may, and how far it goes. The
  // refusals of List, and NOT_FOUND USER_NOT_FOUND for a user whom there is not or, to a user, any
  // other one.
  async::Task<absl::StatusOr<Horizon>> Authorize(const model::Call& call, const Scope& scope);
  // What nothing will be put before any more, after a position; the refusals of List.
  async::Task<absl::StatusOr<StoredEvents>> ReadAfter(const model::Call& call, const Scope& scope,
                                                      const Filter& filter, Position after,
                                                      int32_t most);

 private:
  pg::Pool& db_;
};

}  // namespace usher::events
