#include "server/event_log_service.h"

#include "async/try.h"
#include "model/page_token.h"
#include "server/event_log_requests.h"
#include "server/event_rendering.h"
#include "server/page_cursor.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

absl::StatusOr<std::optional<events::Position>> OpenToken(const model::TokenKeys& keys,
                                                          std::string_view query,
                                                          const std::string& token) {
  if (token.empty()) return std::nullopt;
  const auto text = model::OpenPageToken(keys, query, token);
  if (!text.ok()) return text.status();
  return events::Position::Parse(*text);
}

}  // namespace

using async::Task;

void EventLogService::Serve(Registry& registry, ByteService<v1::EventLog::AsyncService>& service) {
  using Async = v1::EventLog::AsyncService;
  const std::string name = v1::EventLog::service_full_name();
  registry.Unary(service, &Async::RequestListEvents, name, "ListEvents",
                 [this](auto&&... call) { return ListEvents(call...); });
  registry.Stream(service, &Async::RequestWatchEvents, name, "WatchEvents",
                  [this](auto&&... call) { return WatchEvents(call...); });
}

Task<absl::Status> EventLogService::ListEvents(CallContext& context,
                                               const v1::ListEventsRequest& request,
                                               v1::ListEventsResponse* response) {
  CO_TRY(auto query, Read(request, context.call));
  const std::string fingerprint = PageFingerprint("ListEvents", context.call, request);
  CO_TRY(query.after, OpenToken(keys_, fingerprint, request.page_token()));
  const bool with_peer = !query.scope.user;
  CO_TRY(const auto page, co_await events_.List(context.call, std::move(query)));
  for (const auto& event : page.events) *response->add_events() = ToProto(event, with_peer);
  if (page.next) {
    response->set_next_page_token(model::SealPageToken(keys_, fingerprint, page.next->ToString()));
  }
  co_return absl::OkStatus();
}

}  // namespace usher::server
