#include "server/token_authenticator.h"

#include <grpc/grpc_security_constants.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "async/try.h"
#include "model/digest.h"
#include "model/refusal.h"
#include "server/metadata.h"

namespace usher::server {
namespace {

using absl::StatusCode;
using model::Caller;
using model::Reason;

constexpr const char* kAuthorization = "authorization";
constexpr const char* kOnBehalfOf = "usher-on-behalf-of";

absl::Status Unknown(std::string_view sentence) {
  return model::Refuse(StatusCode::kUnauthenticated, Reason::kCallerUnknown, sentence);
}

// Of the problem with a token, which never quotes it.
absl::Status Refusal(const absl::Status& problem) {
  const std::string why(problem.message());
  if (!absl::IsUnavailable(problem)) {
    return Unknown(absl::StrCat("The token is not accepted: ", why, "."));
  }
  model::Refusal refusal;
  refusal.reason = Reason::kIssuerKeysUnavailable;
  refusal.retry_after = absl::Seconds(1);
  return model::Refuse(StatusCode::kUnavailable, refusal, why);
}

// The token of `authorization: Bearer …` (RFC 6750); nothing without that metadata.
absl::StatusOr<std::optional<std::string>> ReadToken(const grpc::ServerContext& context) {
  constexpr std::string_view kScheme = "bearer ";
  const size_t count = context.client_metadata().count(kAuthorization);
  if (count == 0) return std::optional<std::string>();
  if (count > 1) return Unknown("The metadata authorization is there more than once.");
  const std::string text(*FindMetadata(context, kAuthorization));
  if (!absl::StartsWithIgnoreCase(text, std::string(kScheme))) {
    return Unknown("The metadata authorization must be a Bearer token.");
  }
  return std::optional(text.substr(kScheme.size()));
}

std::vector<std::string> PeerNames(const grpc::ServerContext& context, const char* property) {
  std::vector<std::string> names;
  for (const auto& name : context.auth_context()->FindPropertyValues(property)) {
    names.emplace_back(name.data(), name.size());
  }
  return names;
}

// Of a service, for itself or for the user whom it names.
absl::Status ActAs(const auth::Service& service, const grpc::ServerContext& context,
                   Caller& caller) {
  caller.service = service.name;
  const auto behalf = FindMetadata(context, kOnBehalfOf);
  if (!behalf) {
    caller.kind = Caller::Kind::kService;
    caller.scopes = service.scopes;
    return absl::OkStatus();
  }
  if (!service.may_act_for_users) {
    return model::Refuse(StatusCode::kPermissionDenied, Reason::kScopeMissing,
                         "The service may not act for users.");
  }
  auto user = model::UserId::Parse(*behalf);
  if (!user.ok()) return Unknown("The metadata usher-on-behalf-of is no user id.");
  caller.kind = Caller::Kind::kUser;
  caller.user = *user;
  return absl::OkStatus();
}

absl::Status RefuseBehalf(const grpc::ServerContext& context) {
  if (!FindMetadata(context, kOnBehalfOf)) return absl::OkStatus();
  return Unknown("The metadata usher-on-behalf-of is for services.");
}

}  // namespace

async::Task<absl::Status> TokenAuthenticator::Authenticate(const grpc::ServerContext& context,
                                                           model::Call& call) {
  CO_TRY(std::optional<std::string> token, ReadToken(context));
  if (!token) co_return AuthenticateCertificate(context, call.caller);
  CO_TRY(SubjectPtr subject, co_await Believe(std::move(*token), call.deadline));
  const auto* service = callers_.services().FindByToken(subject->issuer, subject->subject);
  if (service != nullptr) co_return ActAs(*service, context, call.caller);
  CO_CHECK(RefuseBehalf(context));
  co_return co_await AuthenticateUser(std::move(subject), call);
}

absl::Status TokenAuthenticator::AuthenticateCertificate(const grpc::ServerContext& context,
                                                         Caller& caller) {
  const auto* service =
      callers_.services().FindByCertificate(PeerNames(context, GRPC_PEER_URI_PROPERTY_NAME),
                                            PeerNames(context, GRPC_PEER_DNS_PROPERTY_NAME));
  return service == nullptr ? RefuseBehalf(context) : ActAs(*service, context, caller);
}

async::Task<absl::StatusOr<TokenAuthenticator::SubjectPtr>> TokenAuthenticator::Believe(
    std::string token, async::Instant deadline) {
  SubjectPtr subject = verifier_.Remembered(model::Digest(token));
  if (subject != nullptr) {
    callers_.metrics().Remembered();
    co_return subject;
  }
  absl::StatusOr<SubjectPtr> verified = co_await verifier_.Verify(std::move(token), deadline);
  callers_.metrics().Verified(verified.status());
  if (!verified.ok()) co_return Refusal(verified.status());
  co_return *std::move(verified);
}

async::Task<absl::Status> TokenAuthenticator::AuthenticateUser(SubjectPtr subject,
                                                               model::Call& call) {
  CO_TRY(const auth::FoundUser found, co_await auth::FindUser(db_, call.deadline, subject));
  if (found.address_of_another) {
    co_return Unknown("The token's address belongs to a user with another account of its issuer.");
  }
  Caller& caller = call.caller;
  caller.kind = Caller::Kind::kUser;
  caller.user = found.user;
  caller.email = subject->email;
  caller.email_verified = subject->email_verified;
  caller.identity = {subject->issuer, subject->subject};
  caller.first_name = subject->first_name;
  caller.last_name = subject->last_name;
  co_return absl::OkStatus();
}

}  // namespace usher::server
