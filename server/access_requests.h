#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "directory/access.h"
#include "model/caller.h"
#include "model/consistency.h"
#include "usher/v1/user_directory.pb.h"

// Questions about access as values of the domain; an empty user is the caller. INVALID_ARGUMENT
// with every field that is wrong.
namespace usher::server {

// What is asked, and how fresh the answer must be.
template <class What>
struct Asked {
  What what;
  model::Consistency consistency;
};

absl::StatusOr<Asked<directory::AccessQuestion>> Read(const usher::v1::CheckAccessRequest& request,
                                                      const model::Caller& caller);
absl::StatusOr<Asked<std::vector<directory::AccessQuestion>>> Read(
    const usher::v1::BatchCheckAccessRequest& request, const model::Caller& caller);
// Without where the page begins.
absl::StatusOr<directory::SitesQuestion> Read(const usher::v1::ListAccessibleSitesRequest& request,
                                              const model::Caller& caller);

}  // namespace usher::server
