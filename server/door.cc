#include "server/door.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "async/try.h"
#include "model/refusal.h"
#include "server/authenticator.h"
#include "server/log.h"
#include "server/metadata.h"
#include "server/status.h"

namespace usher::server {
namespace {

using absl::StatusCode;
using model::Caller;
using model::Reason;

constexpr const char* kRequestIdKey = "x-request-id";
constexpr size_t kLongestRequestId = 128;
// Of those whose client sets no end.
constexpr std::chrono::nanoseconds kLongestStream = std::chrono::hours(24 * 365);

std::string Metadata(const grpc::ServerContext& context, const char* key) {
  return std::string(FindMetadata(context, key).value_or(""));
}

// What a caller sends becomes a header, a log field and an event: only if it is plain text.
bool IsPlain(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRequestId &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// Only if it is an id: what else somebody may have put there does not belong in a log.
std::string Organization(const Method& method, const google::protobuf::Message& request) {
  if (method.organization == nullptr) return "";
  std::string id = request.GetReflection()->GetString(request, method.organization);
  return model::OrganizationId::Parse(id).ok() ? id : "";
}

absl::Status CheckScope(const Caller& caller, const Method& method) {
  if (!method.scope || caller.scopes.Has(*method.scope)) return absl::OkStatus();
  model::Refusal refusal;
  refusal.reason = Reason::kScopeMissing;
  refusal.metadata = {{"scope", method.access.service_scope()}};
  return model::Refuse(
      StatusCode::kPermissionDenied, refusal,
      absl::StrCat("The service was not granted the scope ", method.access.service_scope(), "."));
}

absl::Status CheckCaller(const Caller& caller, const Method& method) {
  const usher::v1::Access& access = method.access;
  switch (caller.kind) {
    case Caller::Kind::kAnonymous:
      if (access.anonymous()) return absl::OkStatus();
      return model::Refuse(StatusCode::kUnauthenticated, Reason::kCallerUnknown,
                           "Say who calls: this method is not for anonymous callers.");
    case Caller::Kind::kUser:
      if (access.user()) return absl::OkStatus();
      return model::Refuse(StatusCode::kPermissionDenied, Reason::kPermissionMissing,
                           "This method is for services.");
    case Caller::Kind::kService:
      if (access.service()) return CheckScope(caller, method);
      return model::Refuse(StatusCode::kPermissionDenied, Reason::kPermissionMissing,
                           "This method is for users.");
  }
  return absl::InternalError("unknown kind of caller");
}

}  // namespace

Door::Ticket Door::Enter(const Method& method) {
  ++(method.streams ? streams_ : calls_);
  ++open_;
  method.metrics->Started();
  return {&method, lane_.now()};
}

async::Instant Door::Deadline(const Method& method, const grpc::ServerContext& context,
                              async::Instant now) const {
  const auto longest = method.streams ? kLongestStream : options_.longest_deadline;
  const auto left = context.deadline() - std::chrono::system_clock::now();
  if (left >= longest) return now + longest;
  return now + std::max<std::chrono::system_clock::duration>(left, {});
}

absl::Status Door::Prepare(const Ticket& ticket, const grpc::ServerContext& context,
                           model::Call& call) {
  call.deadline = Deadline(*ticket.method, context, ticket.start);
  call.peer = context.peer();
  call.request_id = Metadata(context, kRequestIdKey);
  if (!IsPlain(call.request_id)) call.request_id = model::FormatUuid(ids_.Next());
  call.traceparent = Metadata(context, "traceparent");
  if (!IsPlain(call.traceparent)) call.traceparent.clear();

  if (ticket.method->streams && streams_ > options_.most_streams) {
    return absl::ResourceExhaustedError("The server has more streams than it admits; try again.");
  }
  if (calls_ > options_.most_calls) {
    return absl::ResourceExhaustedError("The server has more calls than it admits; try again.");
  }
  if (call.deadline <= ticket.start) {
    return absl::DeadlineExceededError("The call's deadline had passed when it arrived.");
  }
  return absl::OkStatus();
}

async::Task<absl::Status> Door::Admit(Ticket ticket, const grpc::ServerContext& context,
                                      model::Call& call) {
  CO_CHECK(Prepare(ticket, context, call));
  const absl::Status known = co_await authenticator_.Authenticate(context, call);
  if (!known.ok()) co_return known;
  co_return CheckCaller(call.caller, *ticket.method);
}

grpc::Status Door::Leave(const Ticket& ticket, grpc::ServerContext& context,
                         const model::Call& call, const Outcome& outcome) {
  --(ticket.method->streams ? streams_ : calls_);
  context.AddInitialMetadata(kRequestIdKey, call.request_id);
  if (!outcome.position.empty()) {
    context.AddTrailingMetadata("usher-position", outcome.position);
    options_.changed();
  }

  const Method& method = *ticket.method;
  const Answer answer = ToAnswer(outcome.status);
  const std::chrono::duration<double> took = lane_.now() - ticket.start;
  method.metrics->Handled(static_cast<int>(answer.status.error_code()), took.count());
  // Who ends their own stream is not refused.
  const bool left = outcome.status.code() == StatusCode::kCancelled;
  if (!outcome.status.ok() && !left) method.metrics->Refused(answer.reason);

  // Refusals and changes are worth a line; a read that went well is not, at the usual level.
  const bool noteworthy = (!outcome.status.ok() && !left) || method.access.change();
  const Level level = noteworthy ? Level::kInfo : Level::kDebug;
  if (!LogEnabled(level)) return answer.status;
  Log(level, "call done",
      {{"rpc", method.name},
       {"code", CodeName(answer.status.error_code())},
       {"reason", left ? "" : answer.reason},
       {"organization", Organization(method, outcome.request)},
       {"ms", took.count() * 1000},
       {"id", call.request_id},
       {"trace", call.traceparent}});
  return answer.status;
}

void Door::Escaped(const model::Call& call, std::string_view what) {
  Log(Level::kError, "exception escaped a handler", {{"what", what}, {"id", call.request_id}});
}

}  // namespace usher::server
