#include <utility>

#include "async/try.h"
#include "server/convert.h"
#include "server/user_change_requests.h"
#include "server/user_directory_service.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using async::Task;

template <class Response>
void Answer(const directory::ChangedUser& changed, CallContext& context, Response* response) {
  *response->mutable_user() = ToProto(changed.user);
  response->set_position(changed.position);
  context.position = changed.position;
}

}  // namespace

Task<absl::Status> UserDirectoryService::CreateUser(CallContext& context,
                                                    const v1::CreateUserRequest& request,
                                                    v1::CreateUserResponse* response) {
  CO_TRY(auto draft, Read(request));
  CO_TRY(const auto created, co_await directory_.CreateUser(context.call, std::move(draft)));
  Answer(created, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::UpdateUser(CallContext& context,
                                                    const v1::UpdateUserRequest& request,
                                                    v1::UpdateUserResponse* response) {
  CO_TRY(auto update, Read(request, context.call));
  CO_TRY(const auto changed, co_await directory_.UpdateUser(context.call, std::move(update)));
  Answer(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::UpsertUser(CallContext& context,
                                                    const v1::UpsertUserRequest& request,
                                                    v1::UpsertUserResponse* response) {
  CO_TRY(auto person, Read(request));
  CO_TRY(const auto changed, co_await directory_.UpsertUser(context.call, std::move(person)));
  Answer(changed, context, response);
  response->set_created(changed.created);
  if (changed.created && context.call.validate_only) response->mutable_user()->clear_id();
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::DeleteUser(CallContext& context,
                                                    const v1::DeleteUserRequest& request,
                                                    v1::DeleteUserResponse* response) {
  CO_TRY(const auto deletion, Read(request));
  CO_TRY(const auto report, co_await directory_.DeleteUser(context.call, deletion));
  v1::ErasureReport& message = *response->mutable_report();
  message.set_user_id(report.user.ToString());
  *message.mutable_erase_time() = ToProto(report.erase_time);
  message.set_memberships_ended(report.memberships_ended);
  message.set_identities_removed(report.identities_removed);
  message.set_invitations_erased(report.invitations_erased);
  message.set_invitations_kept(report.invitations_kept);
  message.set_mails_withdrawn(report.mails_withdrawn);
  message.set_events_redacted(report.events_redacted);
  response->set_position(report.position);
  context.position = report.position;
  co_return absl::OkStatus();
}

}  // namespace usher::server
