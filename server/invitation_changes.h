#pragma once

#include "absl/status/statusor.h"
#include "invitations/invitations.h"
#include "model/caller.h"
#include "usher/v1/invitation_service.pb.h"

// As invitation_requests.h, the requests that change an invitation or answer it.
namespace usher::server {

absl::StatusOr<invitations::Renewal> Read(const usher::v1::ReinviteUserRequest& request);

struct InvitationUpdate {
  invitations::Renewal renewal;
  invitations::InvitationChange change;
};
absl::StatusOr<InvitationUpdate> Read(const usher::v1::UpdateInvitationRequest& request);

absl::StatusOr<invitations::Cancellation> Read(const usher::v1::CancelInvitationRequest& request);

struct CancellationBatch {
  model::OrganizationId organization;
  std::vector<absl::StatusOr<invitations::Cancellation>> rows;
};
absl::StatusOr<CancellationBatch> Read(const usher::v1::BatchCancelInvitationsRequest& request);

absl::StatusOr<invitations::PurgeQuery> Read(const usher::v1::PurgeInvitationsRequest& request);

struct InvitationDeletion {
  model::OrganizationId organization;
  model::InvitationId invitation;
  std::optional<int64_t> revision;
};
absl::StatusOr<InvitationDeletion> Read(const usher::v1::DeleteInvitationRequest& request);

// A user declines for themselves; a service for the person it vouches for.
absl::StatusOr<invitations::Accepter> Read(const usher::v1::DeclineInvitationRequest& request,
                                           const model::Caller& caller);

// A user's own address; a service names the one that it vouches for.
absl::StatusOr<invitations::MyInvitationsQuery> Read(
    const usher::v1::ListMyInvitationsRequest& request, const model::Caller& caller);

}  // namespace usher::server
