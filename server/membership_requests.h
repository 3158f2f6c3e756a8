#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "directory/directory.h"
#include "usher/v1/user_directory.pb.h"

// Requests that change memberships as values of the domain. INVALID_ARGUMENT with every field that
// is wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

absl::StatusOr<directory::MembershipUpdate> Read(const usher::v1::UpdateMembershipRequest& request);
absl::StatusOr<directory::MembershipChange> Read(
    const usher::v1::SuspendMembershipRequest& request);
absl::StatusOr<directory::MembershipChange> Read(
    const usher::v1::ReactivateMembershipRequest& request);
absl::StatusOr<directory::MembershipChange> Read(const usher::v1::RevokeMembershipRequest& request);
// The rows that can be read, and of all rows what is wrong with them.
struct RevocationRows {
  directory::BatchRevocation readable;
  std::vector<absl::Status> rows;
};
absl::StatusOr<RevocationRows> Read(const usher::v1::BatchRevokeMembershipsRequest& request);
// The organization to leave.
absl::StatusOr<model::OrganizationId> Read(const usher::v1::LeaveOrganizationRequest& request);

}  // namespace usher::server
