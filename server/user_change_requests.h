#pragma once

#include "absl/status/statusor.h"
#include "directory/user_changes.h"
#include "model/caller.h"
#include "usher/v1/user_directory.pb.h"

// Requests that change users as values of the domain. INVALID_ARGUMENT with every field that is
// wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

absl::StatusOr<directory::NewUser> Read(const usher::v1::CreateUserRequest& request);
// An empty user is the caller.
absl::StatusOr<directory::UserUpdate> Read(const usher::v1::UpdateUserRequest& request,
                                           const model::Call& call);
absl::StatusOr<directory::KnownPerson> Read(const usher::v1::UpsertUserRequest& request);
absl::StatusOr<directory::UserDeletion> Read(const usher::v1::DeleteUserRequest& request);

}  // namespace usher::server
