#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "directory/directory.h"
#include "server/fields.h"
#include "usher/v1/user_directory.pb.h"

// Requests that read users and their memberships as values of the domain. INVALID_ARGUMENT with
// every field that is wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

absl::StatusOr<directory::UserQuery> Read(const usher::v1::GetUserRequest& request);
absl::StatusOr<directory::BatchUsersQuery> Read(const usher::v1::BatchGetUsersRequest& request);
// In list_memberships.cc.
absl::StatusOr<directory::MembershipsQuery> Read(const usher::v1::ListMembershipsRequest& request);

// An id, or an e-mail address that stands for its user.
directory::UserName ReadName(Fields& fields, const std::string& field, const std::string& text);
// Compared exactly, so it is kept as it is.
directory::Identity ReadIdentity(Fields& fields, const std::string& field,
                                 const usher::v1::Identity& identity);

}  // namespace usher::server
