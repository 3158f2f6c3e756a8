#include "async/try.h"
#include "server/convert.h"
#include "server/membership_requests.h"
#include "server/user_directory_service.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using async::Task;

template <class Response>
void Answer(const directory::ChangedMembership& changed, CallContext& context, Response* response) {
  *response->mutable_membership() = ToProto(changed.membership);
  response->set_position(changed.position);
  context.position = changed.position;
}

}  // namespace

Task<absl::Status> UserDirectoryService::UpdateMembership(
    CallContext& context, const v1::UpdateMembershipRequest& request,
    v1::UpdateMembershipResponse* response) {
  CO_TRY(auto update, Read(request));
  CO_TRY(const auto changed, co_await directory_.UpdateMembership(context.call, std::move(update)));
  Answer(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::SuspendMembership(
    CallContext& context, const v1::SuspendMembershipRequest& request,
    v1::SuspendMembershipResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed,
         co_await directory_.SuspendMembership(context.call, std::move(change)));
  Answer(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::ReactivateMembership(
    CallContext& context, const v1::ReactivateMembershipRequest& request,
    v1::ReactivateMembershipResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed,
         co_await directory_.ReactivateMembership(context.call, std::move(change)));
  Answer(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::RevokeMembership(
    CallContext& context, const v1::RevokeMembershipRequest& request,
    v1::RevokeMembershipResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed, co_await directory_.RevokeMembership(context.call, std::move(change)));
  Answer(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::LeaveOrganization(
    CallContext& context, const v1::LeaveOrganizationRequest& request,
    v1::LeaveOrganizationResponse* response) {
  CO_TRY(const auto organization, Read(request));
  CO_TRY(context.position, co_await directory_.LeaveOrganization(context.call, organization));
  response->set_position(context.position);
  co_return absl::OkStatus();
}

}  // namespace usher::server
