#include <utility>

#include "async/try.h"
#include "google/rpc/status.pb.h"
#include "server/convert.h"
#include "server/membership_requests.h"
#include "server/status.h"
#include "server/user_directory_service.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using async::Task;

template <class Response>
void Fill(const directory::ChangedMembership& changed, CallContext& context, Response* response) {
  *response->mutable_membership() = ToProto(changed.membership);
  response->set_position(changed.position);
  context.position = changed.position;
}

// A refusal as a row of a batch has it: what the call itself would be refused with.
google::rpc::Status ToRow(const absl::Status& refusal) {
  google::rpc::Status row;
  row.ParseFromString(ToAnswer(refusal).status.error_details());
  return row;
}

}  // namespace

Task<absl::Status> UserDirectoryService::UpdateMembership(
    CallContext& context, const v1::UpdateMembershipRequest& request,
    v1::UpdateMembershipResponse* response) {
  CO_TRY(auto update, Read(request));
  CO_TRY(const auto changed, co_await directory_.UpdateMembership(context.call, std::move(update)));
  Fill(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::SuspendMembership(
    CallContext& context, const v1::SuspendMembershipRequest& request,
    v1::SuspendMembershipResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed,
         co_await directory_.SuspendMembership(context.call, std::move(change)));
  Fill(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::ReactivateMembership(
    CallContext& context, const v1::ReactivateMembershipRequest& request,
    v1::ReactivateMembershipResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed,
         co_await directory_.ReactivateMembership(context.call, std::move(change)));
  Fill(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::RevokeMembership(
    CallContext& context, const v1::RevokeMembershipRequest& request,
    v1::RevokeMembershipResponse* response) {
  CO_TRY(auto change, Read(request));
  CO_TRY(const auto changed, co_await directory_.RevokeMembership(context.call, std::move(change)));
  Fill(changed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::BatchRevokeMemberships(
    CallContext& context, const v1::BatchRevokeMembershipsRequest& request,
    v1::BatchRevokeMembershipsResponse* response) {
  CO_TRY(auto read, Read(request));
  CO_TRY(const auto revoked,
         co_await directory_.BatchRevokeMemberships(context.call, std::move(read.readable)));
  size_t next = 0;
  for (const absl::Status& row : read.rows) {
    v1::MembershipResult& result = *response->add_results();
    if (!row.ok()) {
      *result.mutable_error() = ToRow(row);
    } else if (const auto& membership = revoked.results[next++]; membership.ok()) {
      *result.mutable_membership() = ToProto(*membership);
    } else {
      *result.mutable_error() = ToRow(membership.status());
    }
  }
  response->set_position(revoked.position);
  context.position = revoked.position;
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
