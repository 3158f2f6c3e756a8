#include "directory/users.h"

#include "model/refusal.h"
#include "pg/errors.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::directory {

User ReadUser(const model::Call& call, const pg::Row& row, int first_column) {
  User user;
  std::vector<std::string> issuers;
  std::vector<std::string> subjects;
  row.ReadFrom(first_column, user.id, user.email, user.first_name, user.last_name, user.locale,
               user.revision, user.last_access_time, user.create_time, user.update_time, issuers,
               subjects);
  const auto caller = storage::CallingUser(call);
  if (caller && *caller != user.id) return user;
  for (size_t i = 0; i < issuers.size(); ++i) {
    user.identities.push_back({std::move(issuers[i]), std::move(subjects[i])});
  }
  return user;
}

absl::Status NoUser() {
  return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kUserNotFound,
                       "There is no such user, or not for you.");
}

absl::Status UserExists() {
  return model::Refuse(absl::StatusCode::kAlreadyExists, model::Reason::kUserExists,
                       "Another user has this e-mail address or identity.");
}

absl::Status UserChanged() {
  return model::Refuse(absl::StatusCode::kAborted, model::Reason::kEtagMismatch,
                       "The user was changed since it was read; read it again.");
}

bool IsTaken(const absl::Status& status) {
  const std::string constraint = pg::ConstraintOf(status);
  return constraint == "users_email_key" || constraint == "user_identities_pkey";
}

IdentityColumns::IdentityColumns(const std::vector<Identity>& identities) {
  for (const Identity& identity : identities) {
    issuers.push_back(identity.issuer);
    subjects.push_back(identity.subject);
  }
}

}  // namespace usher::directory
