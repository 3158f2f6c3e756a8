#include "invitations/rows.h"

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "storage/codecs.h"
#include "storage/json.h"

namespace usher::invitations {
namespace {

using absl::StatusCode;
using model::Reason;

const char* NameOf(model::InvitationState state) {
  switch (state) {
    case model::InvitationState::kPending:
      return "PENDING";
    case model::InvitationState::kAccepted:
      return "ACCEPTED";
    case model::InvitationState::kDeclined:
      return "DECLINED";
    case model::InvitationState::kCanceled:
      return "CANCELED";
    case model::InvitationState::kExpired:
      return "EXPIRED";
  }
  return "";
}

}  // namespace

Invitation ReadInvitation(const pg::Row& row, int first_column) {
  Invitation i;
  storage::SiteAccessColumns access;
  std::string metadata;
  row.ReadFrom(first_column, i.organization, i.id, i.email, i.first_name, i.last_name, i.role,
               access.kind, access.groups, access.sites, i.state, i.generation, i.expire_time,
               i.inviter, i.inviter_name, i.locale, i.note, i.redirect_uri, metadata,
               i.delivery.state, i.delivery.code, i.delivery.detail, i.delivery.attempts,
               i.delivery.sent_time, i.delivery.next_attempt_time, i.user, i.accept_time,
               i.decline_time, i.cancel_time, i.revision, i.create_time, i.update_time);
  i.access = access.ToAccess();
  i.metadata = storage::MapFromJson(metadata);
  return i;
}

InvitationPreview ReadPreview(const pg::Row& row, int first_column) {
  InvitationPreview p;
  row.ReadFrom(first_column, p.organization, p.id, p.organization_name, p.inviter_name, p.email,
               p.first_name, p.last_name, p.role, p.all_sites, p.site_group_names, p.site_names,
               p.note, p.locale, p.redirect_uri, p.create_time, p.expire_time);
  return p;
}

absl::Status NoSuchInvitation() {
  return model::Refuse(StatusCode::kNotFound, Reason::kInvitationNotFound,
                       "The organization has no such invitation.");
}

absl::Status Expired(absl::Time expire_time) {
  return model::Refuse(
      StatusCode::kFailedPrecondition, Reason::kInvitationExpired,
      absl::StrCat("The invitation expired on ",
                   absl::FormatTime("%Y-%m-%d %H:%M UTC", expire_time, absl::UTCTimeZone()),
                   "; ask for a new one."));
}

absl::Status WrongState(model::InvitationState state, std::string_view message) {
  model::Refusal refusal;
  refusal.reason = Reason::kWrongState;
  refusal.metadata.emplace_back("state", NameOf(state));
  return model::Refuse(StatusCode::kFailedPrecondition, refusal, message);
}

absl::Status Changed() {
  return model::Refuse(StatusCode::kAborted, Reason::kEtagMismatch,
                       "The invitation was changed since it was read; read it again.");
}

absl::Status MemberExists(model::UserId member) {
  model::Refusal refusal;
  refusal.reason = Reason::kMemberExists;
  refusal.metadata.emplace_back("user_id", member.ToString());
  return model::Refuse(StatusCode::kAlreadyExists, refusal,
                       "This address belongs to a member of the organization.");
}

absl::Status OptedOut() {
  return model::Refuse(StatusCode::kFailedPrecondition, Reason::kRecipientOptedOut,
                       "This address is not to be written to.");
}

absl::Status Conflict() {
  return model::Refuse(StatusCode::kAborted, Reason::kConflict,
                       "The invitations of this address are being changed; try again.");
}

absl::Status PlaceGone(bool site_group) {
  return model::Refuse(
      absl::StatusCode::kFailedPrecondition,
      site_group ? model::Reason::kSiteGroupNotFound : model::Reason::kSiteNotFound,
      absl::StrCat("A ", site_group ? "site group" : "site",
                   " of this invitation no longer exists; it needs another site access."));
}

absl::Status CheckFields(bool expiry_allowed, const std::string& field,
                         const storage::SiteAccessColumns& access,
                         const std::vector<model::SiteGroupId>& unknown_groups,
                         const std::vector<model::SiteId>& unknown_sites) {
  model::Violations violations;
  if (!expiry_allowed) violations.Add("expire_time", "must be from 5 minutes to 365 days from now");
  storage::AddUnknown(field + ".site_access", access, unknown_groups, unknown_sites, violations);
  return violations.ToStatus();
}

}  // namespace usher::invitations
