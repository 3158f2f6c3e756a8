#pragma once

#include "absl/status/statusor.h"
#include "events/events.h"
#include "events/watch.h"
#include "model/caller.h"
#include "usher/v1/event_log.pb.h"

// Requests of EventLog as values of the domain. INVALID_ARGUMENT with every field that is wrong.
namespace usher::server {

// Without an organization a user reads what is about themselves.
absl::StatusOr<events::ListQuery> Read(const usher::v1::ListEventsRequest& request,
                                       const model::Call& call);

struct WatchRequest {
  events::WatchQuery query;
  absl::Duration heartbeat;
};
absl::StatusOr<WatchRequest> Read(const usher::v1::WatchEventsRequest& request);

}  // namespace usher::server
