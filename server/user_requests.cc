#include "server/user_requests.h"

#include "server/fields.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr model::TextRules kIdentityPart{.min = 1, .max = 255};
constexpr int kMostUsers = 1000;

// An id, or an e-mail address that stands for its user.
directory::UserName ReadName(Fields& fields, const std::string& field, const std::string& text) {
  directory::UserName name;
  if (text.find('@') == std::string::npos) {
    name.id = fields.ReadId<model::UserId>(field, text);
  } else if (const auto email = fields.ReadEmail(field, text)) {
    name.email_key = email->key();
  }
  return name;
}

void ReadFilter(Fields& fields, const v1::MembershipFilter& filter,
                directory::MembershipsQuery& query) {
  for (int i = 0; i < filter.statuses_size(); ++i) {
    if (filter.statuses(i) == 0 || !v1::MembershipStatus_IsValid(filter.statuses(i))) {
      fields.Add("filter.statuses[" + std::to_string(i) + "]", "is no status");
    }
    query.statuses.push_back(static_cast<directory::MembershipFilterStatus>(filter.statuses(i)));
  }
  for (int i = 0; i < filter.roles_size(); ++i) {
    query.roles.push_back(fields.ReadRole("filter.roles[" + std::to_string(i) + "]",
                                          static_cast<v1::Role>(filter.roles(i))));
  }
  fields.ReadOptionalId<model::SiteId>("filter.site_id", filter.site_id());
  fields.ReadOptionalId<model::SiteGroupId>("filter.site_group_id", filter.site_group_id());
  fields.Unbuilt("filter.site_id", !filter.site_id().empty());
  fields.Unbuilt("filter.site_group_id", !filter.site_group_id().empty());
}

}  // namespace

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

absl::StatusOr<directory::MembershipsQuery> Read(const v1::ListMembershipsRequest& request) {
  Fields fields;
  directory::MembershipsQuery query;
  if (request.organization_id().empty() == request.user_id().empty()) {
    fields.Add("organization_id", "must be set if user_id is not, and only then");
  } else if (request.user_id().empty()) {
    query.organization =
        fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  } else {
    query.user = ReadName(fields, "user_id", request.user_id());
  }
  query.page_size = fields.ReadPageSize(request.page_size());
  ReadFilter(fields, request.filter(), query);
  fields.ReadText("order_by", request.order_by(), {.min = 0, .max = 64});
  query.newest_first = request.order_by() == "create_time desc";
  fields.Unbuilt("order_by", !request.order_by().empty() && request.order_by() != "create_time" &&
                                 !query.newest_first);
  fields.Unbuilt("include_total", request.include_total());
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

}  // namespace usher::server
