#include "server/user_requests.h"

#include "server/fields.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr model::TextRules kIdentityPart{.min = 1, .max = 255};
constexpr int kMostUsers = 1000;

}  // namespace

directory::UserName ReadName(Fields& fields, const std::string& field, const std::string& text) {
  directory::UserName name;
  if (text.find('@') == std::string::npos) {
    name.id = fields.ReadId<model::UserId>(field, text);
  } else if (const auto email = fields.ReadEmail(field, text)) {
    name.email_key = email->key();
  }
  return name;
}

directory::Identity ReadIdentity(Fields& fields, const std::string& field,
                                 const v1::Identity& identity) {
  fields.ReadText(field + ".issuer", identity.issuer(), kIdentityPart);
  fields.ReadText(field + ".subject", identity.subject(), kIdentityPart);
  return {identity.issuer(), identity.subject()};
}

absl::StatusOr<directory::UserQuery> Read(const v1::GetUserRequest& request) {
  Fields fields;
  directory::UserQuery query;
  if (request.user_id().empty() == !request.has_identity()) {
    fields.Add("user_id", "must be set if identity is not, and only then");
  } else if (request.has_identity()) {
    query.name.identity = ReadIdentity(fields, "identity", request.identity());
  } else {
    query.name = ReadName(fields, "user_id", request.user_id());
  }
  query.organization =
      fields.ReadOptionalId<model::OrganizationId>("organization_id", request.organization_id());
  query.with_memberships = request.include_memberships();
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

absl::StatusOr<directory::BatchUsersQuery> Read(const v1::BatchGetUsersRequest& request) {
  Fields fields;
  directory::BatchUsersQuery query;
  if (request.user_ids().empty() || request.user_ids_size() > kMostUsers) {
    fields.Add("user_ids", "must have 1 to 1000 entries");
  }
  for (int i = 0; i < request.user_ids_size() && i < kMostUsers; ++i) {
    query.names.push_back(
        ReadName(fields, "user_ids[" + std::to_string(i) + "]", request.user_ids(i)));
  }
  query.organization =
      fields.ReadOptionalId<model::OrganizationId>("organization_id", request.organization_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

}  // namespace usher::server
