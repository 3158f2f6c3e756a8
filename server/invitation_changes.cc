#include "server/invitation_changes.h"

#include "server/fields.h"
#include "server/invitation_requests.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

template <class Request>
invitations::Renewal ReadRenewal(Fields& fields, const Request& request) {
  invitations::Renewal renewal;
  renewal.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  renewal.id = fields.ReadId<model::InvitationId>("invitation_id", request.invitation_id());
  if (request.has_ttl()) renewal.lifetime = fields.ReadLifetime("ttl", request.ttl());
  if (request.has_expire_time()) {
    renewal.expire_time = fields.ReadTime("expire_time", request.expire_time());
  }
  renewal.send_email = !request.has_send_email() || request.send_email();
  renewal.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  return renewal;
}

// What the mask names, or without one what the message sets.
struct Mask {
  bool role = false;
  bool site_access = false;
  bool expiry = false;
};

Mask ReadMask(Fields& fields, const v1::UpdateInvitationRequest& request) {
  const v1::Invitation& message = request.invitation();
  const bool expiry = request.has_ttl() || request.has_expire_time();
  if (request.update_mask().paths().empty()) {
    return {message.role() != v1::ROLE_UNSPECIFIED, message.has_site_access(), expiry};
  }
  Mask mask{false, false, expiry};
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    const std::string& path = request.update_mask().paths(i);
    const bool all = path == "*";
    if (!all && path != "role" && path != "site_access" && path != "expire_time") {
      fields.Add("update_mask.paths[" + std::to_string(i) + "]",
                 "must be role, site_access, expire_time or *");
    }
    mask.role |= all || path == "role";
    mask.site_access |= all || path == "site_access";
    mask.expiry |= all || path == "expire_time";
  }
  return mask;
}

// Without a mask, whatever is set is meant to be changed.
void RefuseFixedFields(Fields& fields, const v1::UpdateInvitationRequest& request) {
  if (!request.update_mask().paths().empty()) return;
  const v1::Invitation& message = request.invitation();
  const auto refuse = [&fields](const char* name, bool set) {
    if (set) fields.Add(std::string("invitation.") + name, "cannot be changed; cancel and create");
  };
  refuse("email", !message.email().empty());
  refuse("first_name", !message.first_name().empty());
  refuse("last_name", !message.last_name().empty());
  refuse("locale", !message.locale().empty());
  refuse("note", !message.note().empty());
  refuse("redirect_uri", !message.redirect_uri().empty());
  refuse("metadata", !message.metadata().empty());
}

// An id, or the address of the newest.
invitations::Cancellation ReadCancellation(Fields& fields, model::OrganizationId organization,
                                           const std::string& field, const std::string& text) {
  invitations::Cancellation cancellation;
  cancellation.organization = organization;
  if (text.find('@') == std::string::npos) {
    cancellation.id = fields.ReadId<model::InvitationId>(field, text);
  } else if (const auto email = fields.ReadEmail(field, text)) {
    cancellation.email_key = email->key();
  }
  return cancellation;
}

absl::Duration ReadAge(Fields& fields, const v1::PurgeInvitationsRequest& request) {
  constexpr int64_t kLongestAge = 100LL * 365 * 24 * 60 * 60;
  const auto& age = request.min_age();
  if (!request.has_min_age() || age.nanos() != 0 || age.seconds() < 0 ||
      age.seconds() > kLongestAge) {
    fields.Add("min_age", "must be set, in whole seconds from 0 s to 100 years");
    return {};
  }
  return absl::Seconds(age.seconds());
}

}  // namespace

absl::StatusOr<invitations::Renewal> Read(const v1::ReinviteUserRequest& request) {
  Fields fields;
  invitations::Renewal renewal = ReadRenewal(fields, request);
  if (auto status = fields.Check(); !status.ok()) return status;
  return renewal;
}

absl::StatusOr<InvitationUpdate> Read(const v1::UpdateInvitationRequest& request) {
  Fields fields;
  InvitationUpdate update;
  update.renewal = ReadRenewal(fields, request);
  RefuseFixedFields(fields, request);
  const v1::Invitation& message = request.invitation();
  const Mask mask = ReadMask(fields, request);
  if (mask.role) update.change.role = fields.ReadRole("invitation.role", message.role());
  if (mask.site_access) {
    update.change.access = fields.ReadSiteAccess("invitation.site_access",
                                                 message.has_site_access(), message.site_access());
  }
  if (request.update_mask().paths().empty() && !mask.role && !mask.site_access && !mask.expiry) {
    fields.Add("update_mask", "must name a field; to renew and nothing else, use ReinviteUser");
  }
  if (auto status = fields.Check(); !status.ok()) return status;
  return update;
}

absl::StatusOr<invitations::Cancellation> Read(const v1::CancelInvitationRequest& request) {
  Fields fields;
  const auto organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  auto cancellation =
      ReadCancellation(fields, organization, "invitation_id", request.invitation_id());
  cancellation.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return cancellation;
}

absl::StatusOr<CancellationBatch> Read(const v1::BatchCancelInvitationsRequest& request) {
  Fields fields;
  CancellationBatch batch;
  batch.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  fields.CheckRows("invitation_ids", request.invitation_ids_size());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  for (int i = 0; i < request.invitation_ids_size(); ++i) {
    Fields row;
    auto cancellation =
        ReadCancellation(row, batch.organization, "invitation_ids[" + std::to_string(i) + "]",
                         request.invitation_ids(i));
    if (auto status = row.Check(); !status.ok()) {
      batch.rows.emplace_back(std::move(status));
    } else {
      batch.rows.emplace_back(std::move(cancellation));
    }
  }
  return batch;
}

absl::StatusOr<invitations::PurgeQuery> Read(const v1::PurgeInvitationsRequest& request) {
  using State = model::InvitationState;
  Fields fields;
  invitations::PurgeQuery query;
  query.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  for (int i = 0; i < request.states_size(); ++i) {
    const auto state = static_cast<State>(request.states(i));
    if (!v1::InvitationState_IsValid(request.states(i)) ||
        !model::Allows(state, model::InvitationAction::kDelete)) {
      fields.Add("states[" + std::to_string(i) + "]", "must be EXPIRED, DECLINED or CANCELED");
    }
    query.states.push_back(state);
  }
  if (query.states.empty()) query.states = {State::kExpired, State::kDeclined, State::kCanceled};
  query.min_age = ReadAge(fields, request);
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

absl::StatusOr<InvitationDeletion> Read(const v1::DeleteInvitationRequest& request) {
  Fields fields;
  InvitationDeletion deletion;
  deletion.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  deletion.invitation =
      fields.ReadId<model::InvitationId>("invitation_id", request.invitation_id());
  deletion.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return deletion;
}

absl::StatusOr<invitations::Accepter> Read(const v1::DeclineInvitationRequest& request,
                                           const model::Caller& caller) {
  Fields fields;
  invitations::Accepter decliner;
  const v1::Accepter& message = request.decliner();
  if (request.token().empty()) fields.Add("token", "must not be empty");
  ReadPerson(fields, "decliner", message, caller, decliner);
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return decliner;
}

absl::StatusOr<invitations::MyInvitationsQuery> Read(const v1::ListMyInvitationsRequest& request,
                                                     const model::Caller& caller) {
  Fields fields;
  invitations::MyInvitationsQuery query;
  query.page_size = fields.ReadPageSize(request.page_size());
  if (caller.kind == model::Caller::Kind::kService) {
    query.email = fields.ReadEmail("email", request.email());
    query.email_verified = true;
  } else {
    query.user = caller.user;
    query.email = caller.email;
    query.email_verified = caller.email_verified;
    if (!request.email().empty()) {
      fields.Add("email", "is for services: a user sees those of their own address");
    }
  }
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

}  // namespace usher::server
