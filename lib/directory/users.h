#pragma once

#include "directory/directory.h"
#include "pg/rows.h"

// The columns that ReadUser reads, of a user `u`.
#define USHER_USER_COLUMNS                                                                         \
  "u.id, u.email, u.first_name, u.last_name, u.locale, u.revision, u.last_access_time, "           \
  "u.create_time, u.update_time, "                                                                 \
  "ARRAY(SELECT s.issuer FROM usher.user_identities s WHERE s.user_id = u.id ORDER BY s.issuer, "  \
  "s.subject), "                                                                                   \
  "ARRAY(SELECT s.subject FROM usher.user_identities s WHERE s.user_id = u.id ORDER BY s.issuer, " \
  "s.subject)"

namespace usher::directory {

// The user as the caller may know them: identities only of oneself, and for services.
User ReadUser(const model::Call& call, const pg::Row& row, int first_column);

// NOT_FOUND USER_NOT_FOUND.
absl::Status NoUser();

}  // namespace usher::directory
