#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "directory/directory.h"
#include "model/caller.h"
#include "server/fields.h"
#include "usher/v1/user_directory.pb.h"

// Requests of UserDirectory as values of the domain. INVALID_ARGUMENT with every field that is
// wrong; UNIMPLEMENTED for fields that are not served yet.
namespace usher::server {

// In list_users.cc.
absl::StatusOr<directory::UsersQuery> Read(const usher::v1::ListUsersRequest& request);
// An empty user is the caller; an e-mail address stands for its user.
absl::StatusOr<directory::MembershipName> Read(const usher::v1::GetMembershipRequest& request,
                                               const model::Caller& caller);

// An id, or an e-mail address that stands for its user.
void ReadMember(Fields& fields, const std::string& field, const std::string& user_id,
                directory::MembershipName& name);

// An id; empty for the calling user.
model::UserId ReadUser(Fields& fields, const std::string& field, const std::string& text,
                       const model::Caller& caller);

// Every read asks PostgreSQL for now, so each of the modes holds; what is checked is their form.
model::Consistency ReadConsistency(Fields& fields, const usher::v1::Consistency& consistency);

}  // namespace usher::server
