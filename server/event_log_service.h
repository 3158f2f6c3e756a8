#pragma once

#include <chrono>

#include "events/events.h"
#include "events/feed.h"
#include "events/watch.h"
#include "model/token.h"
#include "server/registry.h"
#include "server/stream.h"
#include "usher/v1/event_log.grpc.pb.h"

namespace usher::server {

// usher.v1.EventLog on one lane: requests to use cases, answers to responses.
class EventLogService {
 public:
  EventLogService(events::Events& events, events::Feed& feed, async::Lane& lane,
                  const model::TokenKeys& keys)
      : events_(events), feed_(feed), lane_(lane), keys_(keys) {}

  void Serve(Registry& registry, ByteService<usher::v1::EventLog::AsyncService>& service);

 private:
  using WatchStream = ServerStream<usher::v1::WatchEventsResponse>;

  async::Task<absl::Status> ListEvents(CallContext& context,
                                       const usher::v1::ListEventsRequest& request,
                                       usher::v1::ListEventsResponse* response);
  // In watch_events.cc.
  async::Task<absl::Status> WatchEvents(CallContext& context,
                                        const usher::v1::WatchEventsRequest& request,
                                        WatchStream& stream);
  async::Task<absl::Status> Send(WatchStream& stream, usher::v1::WatchEventsResponse message);
  async::Task<absl::Status> SendHeartbeat(WatchStream& stream, const events::Watch& watch);
  absl::Status Ending(const WatchStream& stream) const;

  events::Events& events_;
  events::Feed& feed_;
  async::Lane& lane_;
  const model::TokenKeys& keys_;
};

}  // namespace usher::server
