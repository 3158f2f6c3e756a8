#include <algorithm>

#include "async/try.h"
#include "model/refusal.h"
#include "server/convert.h"
#include "server/event_log_requests.h"
#include "server/event_log_service.h"
#include "server/event_rendering.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

// For so long a client may leave no room for the next message.
constexpr std::chrono::seconds kSlowest{20};

}  // namespace

using async::Task;

Task<absl::Status> EventLogService::WatchEvents(CallContext& context,
                                                const v1::WatchEventsRequest& request,
                                                WatchStream& stream) {
  CO_TRY(const WatchRequest asked, Read(request));
  const auto interval = absl::ToChronoNanoseconds(asked.heartbeat);
  const bool with_peer = asked.query.scope.organization || !context.call.caller.user;
  // First, so that the feed begins while the position is looked at.
  const events::Feed::Subscription subscription(feed_, stream.wakeup());
  events::Watch watch(events_, feed_, lane_, context.call, asked.query);
  CO_CHECK(co_await watch.Start());
  CO_CHECK(co_await SendHeartbeat(stream, watch));
  async::Instant heartbeat_at = lane_.now() + interval;
  while (true) {
    CO_TRY(const auto news, co_await watch.Next());
    for (const events::Event& event : news) {
      v1::WatchEventsResponse message;
      *message.mutable_event() = ToProto(event, with_peer);
      CO_CHECK(co_await Send(stream, std::move(message)));
    }
    if (!news.empty()) heartbeat_at = lane_.now() + interval;
    if (lane_.now() >= heartbeat_at) {
      CO_CHECK(co_await SendHeartbeat(stream, watch));
      heartbeat_at = lane_.now() + interval;
    }
    CO_CHECK(Ending(stream));
    if (lane_.now() >= context.call.deadline) {
      co_return absl::DeadlineExceededError("The stream's deadline has passed.");
    }
    const async::Instant wake_at =
        std::min({heartbeat_at, watch.next_check(), context.call.deadline});
    if (!watch.behind()) co_await stream.wakeup().Until(wake_at);
  }
}

Task<absl::Status> EventLogService::SendHeartbeat(WatchStream& stream, const events::Watch& watch) {
  v1::WatchEventsResponse message;
  message.mutable_heartbeat()->set_position(watch.position().ToString());
  *message.mutable_heartbeat()->mutable_heartbeat_time() = ToProto(watch.time());
  co_return co_await Send(stream, std::move(message));
}

Task<absl::Status> EventLogService::Send(WatchStream& stream, v1::WatchEventsResponse message) {
  const auto sent = co_await stream.Send(message, lane_.now() + kSlowest);
  if (sent == StreamBase::Sent::kTaken) co_return absl::OkStatus();
  if (sent == StreamBase::Sent::kEnding) co_return Ending(stream);
  co_return absl::ResourceExhaustedError(
      "The stream is read too slowly; continue from its position.");
}

absl::Status EventLogService::Ending(const WatchStream& stream) const {
  if (stream.over()) return absl::CancelledError("The client ended the stream.");
  if (!stream.draining()) return absl::OkStatus();
  return absl::UnavailableError("The server is stopping; continue elsewhere.");
}

}  // namespace usher::server
