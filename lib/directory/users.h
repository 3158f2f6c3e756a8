#pragma once

#include <string>
#include <vector>

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

// The same columns of a WITH query `u` whose identities are in the WITH query `accounts`.
#define USHER_USER_ANSWER                                                                \
  "u.id, u.email, u.first_name, u.last_name, u.locale, u.revision, u.last_access_time, " \
  "u.create_time, u.update_time, "                                                       \
  "ARRAY(SELECT a.issuer FROM accounts a ORDER BY a.issuer, a.subject), "                \
  "ARRAY(SELECT a.subject FROM accounts a ORDER BY a.issuer, a.subject)"

// What has to be in `u` for that.
#define USHER_USER_STORED                                                                \
  "u.id, u.email, u.first_name, u.last_name, u.locale, u.revision, u.last_access_time, " \
  "u.create_time, u.update_time"

// What events tell of a user `u` with the identities that the query `accounts` has.
#define USHER_USER_JSON(accounts)                                                                 \
  "jsonb_build_object('email', u.email, 'first_name', u.first_name, 'last_name', u.last_name,"    \
  " 'locale', u.locale, 'identities', (SELECT coalesce(jsonb_agg(jsonb_build_object("             \
  "'issuer', a.issuer, 'subject', a.subject) ORDER BY a.issuer, a.subject), '[]') FROM " accounts \
  " a))"

// Of the two JSON objects, the fields of the first that differ in the second.
#define USHER_DIFFERENCE(one, other)                          \
  "(SELECT jsonb_object_agg(key, value) FROM jsonb_each(" one \
  ")"                                                         \
  " WHERE value IS DISTINCT FROM " other " -> key)"

namespace usher::directory {

// The user as the caller may know them: identities only of oneself, and for services.
User ReadUser(const model::Call& call, const pg::Row& row, int first_column);

// NOT_FOUND USER_NOT_FOUND.
absl::Status NoUser();
// ALREADY_EXISTS USER_EXISTS.
absl::Status UserExists();
// ABORTED ETAG_MISMATCH.
absl::Status UserChanged();
// Whether a statement failed because another user has the address or an identity.
bool IsTaken(const absl::Status& status);

// The two halves of identities, as arrays that belong together.
struct IdentityColumns {
  explicit IdentityColumns(const std::vector<Identity>& identities);

  std::vector<std::string> issuers;
  std::vector<std::string> subjects;
};

}  // namespace usher::directory
