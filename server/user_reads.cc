#include "async/try.h"
#include "server/convert.h"
#include "server/user_directory_service.h"
#include "server/user_requests.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using async::Task;

template <class Response>
void Answer(const directory::UserWithMemberships& answer, Response* response) {
  *response->mutable_user() = ToProto(answer.user);
  for (const auto& membership : answer.memberships) {
    *response->add_memberships() = ToProto(membership);
  }
}

}  // namespace

Task<absl::Status> UserDirectoryService::GetUser(CallContext& context,
                                                 const v1::GetUserRequest& request,
                                                 v1::GetUserResponse* response) {
  CO_TRY(auto query, Read(request));
  CO_TRY(const auto answer, co_await directory_.GetUser(context.call, std::move(query)));
  Answer(answer, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::BatchGetUsers(CallContext& context,
                                                       const v1::BatchGetUsersRequest& request,
                                                       v1::BatchGetUsersResponse* response) {
  CO_TRY(auto query, Read(request));
  CO_TRY(const auto users, co_await directory_.BatchGetUsers(context.call, std::move(query)));
  for (size_t i = 0; i < users.size(); ++i) {
    if (users[i]) {
      *response->add_users() = ToProto(*users[i]);
    } else {
      response->add_missing_user_ids(request.user_ids(static_cast<int>(i)));
    }
  }
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::GetSelf(CallContext& context, const v1::GetSelfRequest&,
                                                 v1::GetSelfResponse* response) {
  CO_TRY(const auto answer, co_await directory_.GetSelf(context.call));
  Answer(answer, response);
  co_return absl::OkStatus();
}

}  // namespace usher::server
