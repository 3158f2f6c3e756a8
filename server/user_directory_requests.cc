#include "server/user_directory_requests.h"

#include "server/fields.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

// Every read asks PostgreSQL for now, so each of the modes holds; what is checked is their form.
void CheckConsistency(Fields& fields, const v1::Consistency& consistency) {
  if (!v1::ConsistencyMode_IsValid(consistency.mode())) {
    fields.Add("consistency.mode", "is not one of its values");
  }
  const bool at_least = consistency.mode() == v1::CONSISTENCY_MODE_AT_LEAST;
  if (at_least == consistency.at_least_position().empty()) {
    fields.Add("consistency.at_least_position", "must be set exactly with mode AT_LEAST");
  }
}

model::UserId ReadUser(Fields& fields, const std::string& text, const model::Caller& caller) {
  if (text.empty() && caller.user) return *caller.user;
  return fields.ReadId<model::UserId>("user_id", text);
}

}  // namespace

void ReadMember(Fields& fields, const std::string& user_id, directory::MembershipName& name) {
  if (user_id.find('@') == std::string::npos) {
    name.user = fields.ReadId<model::UserId>("user_id", user_id);
  } else if (const auto email = fields.ReadEmail("user_id", user_id)) {
    name.email_key = email->key();
  }
}

absl::StatusOr<directory::AccessQuestion> Read(const v1::CheckAccessRequest& request,
                                               const model::Caller& caller) {
  Fields fields;
  directory::AccessQuestion question;
  question.user = ReadUser(fields, request.user_id(), caller);
  question.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  question.permission = fields.ReadText("permission", request.permission(), {.min = 1, .max = 128});
  question.site = fields.ReadOptionalId<model::SiteId>("site_id", request.site_id());
  CheckConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return question;
}

absl::StatusOr<directory::MembershipName> Read(const v1::GetMembershipRequest& request,
                                               const model::Caller& caller) {
  Fields fields;
  directory::MembershipName name;
  name.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  if (request.user_id().empty()) {
    name.user = ReadUser(fields, request.user_id(), caller);
  } else {
    ReadMember(fields, request.user_id(), name);
  }
  CheckConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return name;
}

}  // namespace usher::server
