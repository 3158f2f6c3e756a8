#pragma once

#include "absl/status/statusor.h"
#include "invitations/invitations.h"
#include "model/caller.h"
#include "server/fields.h"
#include "usher/v1/invitation_service.pb.h"

// Requests of InvitationService as values of the domain. INVALID_ARGUMENT with every field that is
// wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

absl::StatusOr<invitations::NewInvitation> Read(const usher::v1::CreateInvitationRequest& request);
// What all rows of a batch share; the rows are read one by one.
absl::StatusOr<invitations::InvitationTerms> Read(
    const usher::v1::BatchCreateInvitationsRequest& request);
// Whom to invite; violations name the place of `message` in the request.
absl::StatusOr<invitations::Invitee> ReadInvitee(std::string field,
                                                 const usher::v1::Invitation& message);
// In list_invitations.cc.
absl::StatusOr<invitations::InvitationQuery> Read(const usher::v1::ListInvitationsRequest& request);
// A user accepts for themselves; a service for the person it vouches for.
absl::StatusOr<invitations::Accepter> Read(const usher::v1::AcceptInvitationRequest& request,
                                           const model::Caller& caller);
// Who answers an invitation, from the request's field of that name and the caller.
void ReadPerson(Fields& fields, const std::string& field, const usher::v1::Accepter& message,
                const model::Caller& caller, invitations::Accepter& person);

struct InvitationName {
  model::OrganizationId organization;
  model::InvitationId invitation;
};
absl::StatusOr<InvitationName> Read(const usher::v1::GetInvitationRequest& request);

}  // namespace usher::server
