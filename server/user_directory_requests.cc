#include "server/user_directory_requests.h"

#include "server/fields.h"

namespace usher::server {

namespace v1 = usher::v1;

model::Consistency ReadConsistency(Fields& fields, const v1::Consistency& consistency) {
  using Mode = model::Consistency::Mode;
  if (!v1::ConsistencyMode_IsValid(consistency.mode())) {
    fields.Add("consistency.mode", "is not one of its values");
  }
  const std::string& text = consistency.at_least_position();
  model::Consistency read;
  const bool unset = consistency.mode() == v1::CONSISTENCY_MODE_UNSPECIFIED;
  if (!unset) read.mode = static_cast<Mode>(consistency.mode());
  if (unset && !text.empty()) read.mode = Mode::kAtLeast;
  if ((read.mode == Mode::kAtLeast) == text.empty()) {
    fields.Add("consistency.at_least_position", "must be set with mode AT_LEAST and no other");
  } else if (!text.empty()) {
    const auto position = model::Position::Parse(text);
    if (!position) {
      fields.Add("consistency.at_least_position", "is no position of a change or an event");
    } else {
      read.at_least = *position;
    }
  }
  return read;
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
  ReadConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return name;
}

}  // namespace usher::server
