#include "server/membership_requests.h"

#include <string>
#include <utility>

#include "server/fields.h"
#include "server/update_mask.h"
#include "server/user_directory_requests.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr int kMostRows = 1000;

// What all changes of one membership have.
template <class Request>
directory::MembershipChange ReadChange(Fields& fields, const Request& request) {
  directory::MembershipChange change;
  change.name.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  ReadMember(fields, "user_id", request.user_id(), change.name);
  change.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  return change;
}

template <class Request>
absl::StatusOr<directory::MembershipChange> ReadOnlyChange(const Request& request) {
  Fields fields;
  directory::MembershipChange change = ReadChange(fields, request);
  if (auto status = fields.Check(); !status.ok()) return status;
  return change;
}

void ReadValues(Fields& fields, const v1::UpdateMembershipRequest& request,
                directory::MembershipUpdate& update) {
  const v1::Membership& membership = request.membership();
  const UpdateMask mask(fields, request.update_mask(),
                        {"role", "site_access", "end_time", "metadata"});
  if (mask.Names("role", membership.role() != v1::ROLE_UNSPECIFIED)) {
    update.role = fields.ReadRole("membership.role", membership.role());
  }
  if (mask.Names("site_access", membership.has_site_access())) {
    update.access = fields.ReadSiteAccess("membership.site_access", membership.has_site_access(),
                                          membership.site_access());
  }
  if (mask.Names("metadata", !membership.metadata().empty())) {
    update.metadata = fields.ReadMap("membership.metadata", membership.metadata());
  }
  update.sets_end_time = mask.Names("end_time", membership.has_end_time());
  if (update.sets_end_time && membership.has_end_time()) {
    update.end_time = fields.ReadTime("membership.end_time", membership.end_time());
  }
}

}  // namespace

absl::StatusOr<directory::MembershipUpdate> Read(const v1::UpdateMembershipRequest& request) {
  Fields fields;
  directory::MembershipChange change = ReadChange(fields, request);
  directory::MembershipUpdate update;
  update.name = std::move(change.name);
  update.revision = change.revision;
  ReadValues(fields, request, update);
  if (auto status = fields.Check(); !status.ok()) return status;
  return update;
}

absl::StatusOr<directory::MembershipChange> Read(const v1::SuspendMembershipRequest& request) {
  return ReadOnlyChange(request);
}

absl::StatusOr<directory::MembershipChange> Read(const v1::ReactivateMembershipRequest& request) {
  return ReadOnlyChange(request);
}

absl::StatusOr<directory::MembershipChange> Read(const v1::RevokeMembershipRequest& request) {
  return ReadOnlyChange(request);
}

absl::StatusOr<RevocationRows> Read(const v1::BatchRevokeMembershipsRequest& request) {
  Fields fields;
  RevocationRows read;
  read.readable.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  if (request.user_ids().empty() || request.user_ids_size() > kMostRows) {
    fields.Add("user_ids", "must have 1 to 1000 entries");
  }
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  for (int i = 0; i < request.user_ids_size(); ++i) {
    Fields row;
    directory::MembershipName name;
    name.organization = read.readable.organization;
    ReadMember(row, "user_ids[" + std::to_string(i) + "]", request.user_ids(i), name);
    read.rows.push_back(row.Check());
    if (read.rows.back().ok()) read.readable.names.push_back(std::move(name));
  }
  return read;
}

absl::StatusOr<model::OrganizationId> Read(const v1::LeaveOrganizationRequest& request) {
  Fields fields;
  const auto organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return organization;
}

}  // namespace usher::server
