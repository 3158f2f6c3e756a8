#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "auth/claims.h"
#include "model/ids.h"
#include "pg/pool.h"

namespace usher::auth {

struct FoundUser {
  std::optional<model::UserId> user;
  // The verified address is that of a user who has another account of the same issuer: whoever got
  // the address later is not that user.
  bool address_of_another = false;
};

// The user that a token's subject is: by issuer and subject, else by the verified address. None for
// someone who has no account yet.
//
// Asked at every call, since a user who was erased, or whose address or identity was taken away,
// must not be let in by what was true a moment ago; it is two look-ups by unique keys in one
// statement.
async::Task<absl::StatusOr<FoundUser>> FindUser(pg::Pool& db, async::Instant deadline,
                                                std::shared_ptr<const Subject> subject);

}  // namespace usher::auth
