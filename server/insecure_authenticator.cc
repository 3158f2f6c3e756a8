#include "server/insecure_authenticator.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "server/metadata.h"

namespace usher::server {
namespace {

using model::Caller;

absl::Status Unknown(const std::string& key, const std::string& why) {
  return model::Refuse(absl::StatusCode::kUnauthenticated, model::Reason::kCallerUnknown,
                       absl::StrCat("The metadata ", key, " ", why, "."));
}

absl::Status ReadUser(const std::string& key, std::string_view text, Caller& caller) {
  auto user = model::UserId::Parse(text);
  if (!user.ok()) return Unknown(key, "is no user id");
  caller.user = *user;
  return absl::OkStatus();
}

absl::Status ReadEmail(const grpc::ServerContext& context, Caller& caller) {
  const auto text = FindMetadata(context, "usher-caller-email");
  if (!text) return absl::OkStatus();
  auto email = model::Email::Parse(*text);
  if (!email.ok()) return Unknown("usher-caller-email", std::string(email.status().message()));
  caller.email = *std::move(email);
  const auto verified = FindMetadata(context, "usher-caller-email-verified").value_or("true");
  if (verified != "true" && verified != "false") {
    return Unknown("usher-caller-email-verified", "must be true or false");
  }
  caller.email_verified = verified == "true";
  return absl::OkStatus();
}

absl::Status ReadCaller(std::string_view text, Caller& caller) {
  constexpr std::string_view kNamed = "service:";
  if (text == "service" || text.starts_with(kNamed)) {
    caller.kind = Caller::Kind::kService;
    caller.service = text == "service" ? text : text.substr(kNamed.size());
    caller.scopes = model::ServiceScopes::All();
    return absl::OkStatus();
  }
  caller.kind = Caller::Kind::kUser;
  return ReadUser("usher-caller", text, caller);
}

absl::Status Believe(const grpc::ServerContext& context, Caller& caller) {
  if (const auto text = FindMetadata(context, "usher-caller")) {
    if (auto status = ReadCaller(*text, caller); !status.ok()) return status;
  }
  if (auto status = ReadEmail(context, caller); !status.ok()) return status;
  if (caller.kind == Caller::Kind::kAnonymous && caller.email) caller.kind = Caller::Kind::kUser;

  const auto behalf = FindMetadata(context, "usher-on-behalf-of");
  if (!behalf) return absl::OkStatus();
  if (caller.kind != Caller::Kind::kService) {
    return Unknown("usher-on-behalf-of", "is for services");
  }
  caller.kind = Caller::Kind::kUser;
  return ReadUser("usher-on-behalf-of", *behalf, caller);
}

}  // namespace

async::Task<absl::Status> InsecureAuthenticator::Authenticate(const grpc::ServerContext& context,
                                                              model::Call& call) {
  co_return Believe(context, call.caller);
}

}  // namespace usher::server
