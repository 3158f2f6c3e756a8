#include "server/user_directory_requests.h"

#include "server/fields.h"

namespace usher::server {

namespace v1 = usher::v1;

namespace {

constexpr size_t kLongestPosition = 40;

bool IsPosition(const std::string& text) {
  return text.size() <= kLongestPosition &&
         text.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

void CheckConsistency(Fields& fields, const v1::Consistency& consistency) {
  if (!v1::ConsistencyMode_IsValid(consistency.mode())) {
    fields.Add("consistency.mode", "is not one of its values");
  }
  const std::string& position = consistency.at_least_position();
  const bool at_least = consistency.mode() == v1::CONSISTENCY_MODE_AT_LEAST;
  const bool either = !position.empty() && consistency.mode() == v1::CONSISTENCY_MODE_UNSPECIFIED;
  if (at_least == position.empty() && !either) {
    fields.Add("consistency.at_least_position", "must be set with mode AT_LEAST and no other");
  } else if (!IsPosition(position)) {
    fields.Add("consistency.at_least_position", "is no position of a change or an event");
  }
}

model::UserId ReadUser(Fields& fields, const std::string& field, const std::string& text,
                       const model::Caller& caller) {
  if (text.empty() && caller.user) return *caller.user;
  return fields.ReadId<model::UserId>(field, text);
}

void ReadMember(Fields& fields, const std::string& field, const std::string& user_id,
                directory::MembershipName& name) {
  if (user_id.find('@') == std::string::npos) {
    name.user = fields.ReadId<model::UserId>(field, user_id);
  } else if (const auto email = fields.ReadEmail(field, user_id)) {
    name.email_key = email->key();
  }
}

absl::StatusOr<directory::MembershipName> Read(const v1::GetMembershipRequest& request,
                                               const model::Caller& caller) {
  Fields fields;
  directory::MembershipName name;
  name.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  if (request.user_id().empty()) {
    name.user = ReadUser(fields, "user_id", request.user_id(), caller);
  } else {
    ReadMember(fields, "user_id", request.user_id(), name);
  }
  CheckConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return name;
}

}  // namespace usher::server
