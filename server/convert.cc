#include "server/convert.h"

#include "model/etag.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

// The enumerations of the domain have the API's numbers; a unit test compares them.
template <class ProtoEnum, class Enum>
ProtoEnum As(Enum value) {
  return static_cast<ProtoEnum>(static_cast<int>(value));
}

template <class Setter>
void SetTime(const std::optional<absl::Time>& time, Setter mutable_field) {
  if (time) *mutable_field() = ToProto(*time);
}

v1::Delivery ToProto(const invitations::Delivery& delivery) {
  v1::Delivery message;
  message.set_state(As<v1::DeliveryState>(delivery.state));
  message.set_smtp_code(delivery.code);
  message.set_detail(delivery.detail);
  message.set_attempts(delivery.attempts);
  SetTime(delivery.sent_time, [&] { return message.mutable_send_time(); });
  SetTime(delivery.next_attempt_time, [&] { return message.mutable_next_attempt_time(); });
  return message;
}

v1::MembershipStatus StatusOf(const directory::Membership& membership) {
  if (membership.ended) return v1::MEMBERSHIP_STATUS_ENDED;
  return As<v1::MembershipStatus>(membership.status);
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp message;
  const int64_t seconds = absl::ToUnixSeconds(time);
  message.set_seconds(seconds);
  message.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return message;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration message;
  const int64_t seconds = absl::ToInt64Seconds(duration);
  message.set_seconds(seconds);
  message.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
  return message;
}

v1::SiteAccess ToProto(const model::SiteAccess& access) {
  v1::SiteAccess message;
  message.set_all_sites(access.kind() == model::SiteAccess::Kind::kAllSites);
  for (const auto& group : access.groups()) message.add_site_group_ids(group.ToString());
  for (const auto& site : access.sites()) message.add_site_ids(site.ToString());
  return message;
}

v1::Invitation ToProto(const invitations::Invitation& invitation) {
  v1::Invitation message;
  message.set_id(invitation.id.ToString());
  message.set_organization_id(invitation.organization.ToString());
  message.set_email(invitation.email);
  message.set_first_name(invitation.first_name);
  message.set_last_name(invitation.last_name);
  message.set_role(As<v1::Role>(invitation.role));
  *message.mutable_site_access() = ToProto(invitation.access);
  message.set_state(As<v1::InvitationState>(invitation.state));
  *message.mutable_expire_time() = ToProto(invitation.expire_time);
  *message.mutable_create_time() = ToProto(invitation.create_time);
  *message.mutable_update_time() = ToProto(invitation.update_time);
  SetTime(invitation.accept_time, [&] { return message.mutable_accept_time(); });
  SetTime(invitation.decline_time, [&] { return message.mutable_decline_time(); });
  SetTime(invitation.cancel_time, [&] { return message.mutable_cancel_time(); });
  if (invitation.inviter) {
    message.mutable_inviter()->set_user_id(invitation.inviter->ToString());
    message.mutable_inviter()->set_display_name(invitation.inviter_name);
  }
  message.set_locale(invitation.locale);
  message.set_note(invitation.note);
  message.set_redirect_uri(invitation.redirect_uri);
  message.mutable_metadata()->insert(invitation.metadata.begin(), invitation.metadata.end());
  *message.mutable_delivery() = ToProto(invitation.delivery);
  if (invitation.user) message.set_user_id(invitation.user->ToString());
  message.set_generation(invitation.generation);
  message.set_etag(model::ToEtag(invitation.revision));
  return message;
}

v1::InvitationPreview ToProto(const invitations::InvitationPreview& preview) {
  v1::InvitationPreview message;
  message.set_invitation_id(preview.id.ToString());
  message.set_organization_id(preview.organization.ToString());
  message.set_organization_name(preview.organization_name);
  message.set_inviter_name(preview.inviter_name);
  message.set_email(preview.email);
  message.set_first_name(preview.first_name);
  message.set_last_name(preview.last_name);
  message.set_role(As<v1::Role>(preview.role));
  message.set_all_sites(preview.all_sites);
  for (const auto& name : preview.site_names) message.add_site_names(name);
  for (const auto& name : preview.site_group_names) message.add_site_group_names(name);
  message.set_note(preview.note);
  message.set_locale(preview.locale);
  message.set_redirect_uri(preview.redirect_uri);
  *message.mutable_create_time() = ToProto(preview.create_time);
  *message.mutable_expire_time() = ToProto(preview.expire_time);
  return message;
}

v1::User ToProto(const directory::User& user) {
  v1::User message;
  message.set_id(user.id.ToString());
  message.set_email(user.email);
  message.set_first_name(user.first_name);
  message.set_last_name(user.last_name);
  message.set_locale(user.locale);
  *message.mutable_create_time() = ToProto(user.create_time);
  *message.mutable_update_time() = ToProto(user.update_time);
  SetTime(user.last_access_time, [&] { return message.mutable_last_access_time(); });
  for (const directory::Identity& identity : user.identities) {
    auto& account = *message.add_identities();
    account.set_issuer(identity.issuer);
    account.set_subject(identity.subject);
  }
  message.set_etag(model::ToEtag(user.revision));
  return message;
}

v1::Membership ToProto(const directory::Membership& membership) {
  v1::Membership message;
  message.set_organization_id(membership.organization.ToString());
  message.set_user_id(membership.user.id.ToString());
  message.set_role(As<v1::Role>(membership.role));
  *message.mutable_site_access() = ToProto(membership.access);
  message.set_status(StatusOf(membership));
  message.set_email(membership.user.email);
  message.set_first_name(membership.user.first_name);
  message.set_last_name(membership.user.last_name);
  message.mutable_metadata()->insert(membership.metadata.begin(), membership.metadata.end());
  *message.mutable_create_time() = ToProto(membership.create_time);
  *message.mutable_update_time() = ToProto(membership.update_time);
  SetTime(membership.end_time, [&] { return message.mutable_end_time(); });
  if (membership.invitation) message.set_invitation_id(membership.invitation->ToString());
  message.set_etag(model::ToEtag(membership.revision));
  message.set_organization_display_name(membership.organization_name);
  return message;
}

v1::DirectoryEntry ToProto(const directory::Entry& entry) {
  v1::DirectoryEntry message;
  if (entry.user) message.set_user_id(entry.user->ToString());
  if (entry.invitation) message.set_invitation_id(entry.invitation->ToString());
  message.set_first_name(entry.first_name);
  message.set_last_name(entry.last_name);
  message.set_email(entry.email);
  message.set_role(As<v1::Role>(entry.role));
  *message.mutable_site_access() = ToProto(entry.access);
  message.set_status(As<v1::DirectoryStatus>(entry.status));
  SetTime(entry.last_access_time, [&] { return message.mutable_last_access_time(); });
  *message.mutable_create_time() = ToProto(entry.create_time);
  SetTime(entry.expire_time, [&] { return message.mutable_expire_time(); });
  return message;
}

v1::Organization ToProto(const organizations::Organization& organization) {
  v1::Organization message;
  message.set_id(organization.id.ToString());
  message.set_name(organization.name);
  if (organization.settings_visible) {
    *message.mutable_settings() = ToProto(organization.settings);
  }
  *message.mutable_create_time() = ToProto(organization.create_time);
  *message.mutable_update_time() = ToProto(organization.update_time);
  message.set_etag(model::ToEtag(organization.revision));
  return message;
}

v1::Site ToProto(const organizations::Site& site) {
  v1::Site message;
  message.set_id(site.id.ToString());
  message.set_organization_id(site.organization.ToString());
  message.set_name(site.name);
  message.set_description(site.description);
  message.set_address(site.address);
  message.mutable_labels()->insert(site.labels.begin(), site.labels.end());
  *message.mutable_create_time() = ToProto(site.create_time);
  *message.mutable_update_time() = ToProto(site.update_time);
  message.set_etag(model::ToEtag(site.revision));
  return message;
}

v1::SiteGroup ToProto(const organizations::SiteGroup& group) {
  v1::SiteGroup message;
  message.set_id(group.id.ToString());
  message.set_organization_id(group.organization.ToString());
  message.set_name(group.name);
  message.set_description(group.description);
  for (const auto& site : group.sites) message.add_site_ids(site.ToString());
  *message.mutable_create_time() = ToProto(group.create_time);
  *message.mutable_update_time() = ToProto(group.update_time);
  message.set_etag(model::ToEtag(group.revision));
  return message;
}

}  // namespace usher::server
