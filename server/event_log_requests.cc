#include "server/event_log_requests.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/fields.h"
#include "storage/gate.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr int kMostTypes = 100;
constexpr absl::Duration kHeartbeat = absl::Seconds(15);
constexpr absl::Duration kShortestHeartbeat = absl::Seconds(1);
constexpr absl::Duration kLongestHeartbeat = absl::Seconds(300);
constexpr std::string_view kThings[] = {
    model::OrganizationKind::kPrefix, model::SiteKind::kPrefix, model::SiteGroupKind::kPrefix,
    model::InvitationKind::kPrefix,   model::UserKind::kPrefix, model::MailKind::kPrefix};

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || c == '_';
  });
}

// "invitation.created" or "invitation.*". Which there are, only grows.
void ReadTypes(Fields& fields, const v1::EventFilter& message, events::Filter& filter) {
  if (message.types_size() > kMostTypes) {
    fields.Add("filter.types", absl::StrCat("must have at most ", kMostTypes, " entries"));
    return;
  }
  for (int i = 0; i < message.types_size(); ++i) {
    const std::string& type = message.types(i);
    const std::string_view thing = events::ThingOf(type);
    const std::string_view rest =
        thing.size() == type.size() ? "" : std::string_view(type).substr(thing.size() + 1);
    if (!IsWord(thing) || (rest != "*" && !IsWord(rest))) {
      fields.Add(absl::StrCat("filter.types[", i, "]"),
                 "must be a type such as invitation.created, or invitation.*");
    } else if (rest == "*") {
      filter.things.emplace_back(thing);
    } else {
      filter.types.push_back(type);
    }
  }
}

// An id of any thing that has events, or a suppression's address.
void ReadSubject(Fields& fields, const std::string& text, events::Filter& filter) {
  constexpr const char* kField = "filter.subject_id";
  if (text.empty()) return;
  if (absl::StrContains(text, '@')) {
    if (const auto email = fields.ReadEmail(kField, text)) filter.address = email->key();
    return;
  }
  const auto id = model::DecodeTypeId(text);
  if (!id.ok()) {
    fields.Add(kField, std::string(id.status().message()));
  } else if (std::find(std::begin(kThings), std::end(kThings), id->prefix) == std::end(kThings)) {
    fields.Add(kField, "must be the id of something that has events, or an e-mail address");
  } else {
    filter.subject = id->uuid;
  }
}

events::Filter ReadFilter(Fields& fields, const v1::EventFilter& message) {
  events::Filter filter;
  ReadTypes(fields, message, filter);
  filter.actor_user =
      fields.ReadOptionalId<model::UserId>("filter.actor_user_id", message.actor_user_id());
  const std::string service =
      fields.ReadText("filter.actor_service", message.actor_service(), {.min = 0, .max = 256});
  if (!service.empty()) filter.actor_service = service;
  ReadSubject(fields, message.subject_id(), filter);
  return filter;
}

void ReadEventTime(Fields& fields, const v1::TimeRange& range, events::Filter& filter) {
  if (range.has_start()) filter.start = fields.ReadTime("filter.event_time.start", range.start());
  if (range.has_end()) filter.end = fields.ReadTime("filter.event_time.end", range.end());
}

absl::Duration ReadHeartbeat(Fields& fields, const v1::WatchEventsRequest& request) {
  if (!request.has_heartbeat_interval()) return kHeartbeat;
  const auto& interval = request.heartbeat_interval();
  const absl::Duration value =
      absl::Seconds(interval.seconds()) + absl::Nanoseconds(interval.nanos());
  if (value < kShortestHeartbeat || value > kLongestHeartbeat) {
    fields.Add("heartbeat_interval", "must be 1 to 300 seconds");
    return kHeartbeat;
  }
  return value;
}

}  // namespace

absl::StatusOr<events::ListQuery> Read(const v1::ListEventsRequest& request,
                                       const model::Call& call) {
  Fields fields;
  events::ListQuery query;
  query.scope.organization =
      fields.ReadOptionalId<model::OrganizationId>("organization_id", request.organization_id());
  if (!query.scope.organization) query.scope.user = storage::CallingUser(call);
  query.page_size = fields.ReadPageSize(request.page_size());
  query.newest_first = request.order_by() != "position";
  if (query.newest_first && !request.order_by().empty() && request.order_by() != "position desc") {
    fields.Add("order_by", "must be \"position\" or \"position desc\"");
  }
  query.filter = ReadFilter(fields, request.filter());
  ReadEventTime(fields, request.filter().event_time(), query.filter);
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

absl::StatusOr<WatchRequest> Read(const v1::WatchEventsRequest& request) {
  Fields fields;
  WatchRequest watch;
  events::Scope& scope = watch.query.scope;
  scope.organization =
      fields.ReadOptionalId<model::OrganizationId>("organization_id", request.organization_id());
  scope.user = fields.ReadOptionalId<model::UserId>("user_id", request.user_id());
  if (request.organization_id().empty() == request.user_id().empty()) {
    fields.Add("organization_id", "must be given, or else user_id, and not both");
  }
  watch.query.filter = ReadFilter(fields, request.filter());
  if (request.filter().has_event_time()) fields.Add("filter.event_time", "must not be set");
  if (!request.after_position().empty()) {
    watch.query.after = events::Position::Parse(request.after_position());
    if (!watch.query.after) fields.Add("after_position", "is no position");
  }
  watch.heartbeat = ReadHeartbeat(fields, request);
  if (auto status = fields.Check(); !status.ok()) return status;
  return watch;
}

}  // namespace usher::server
