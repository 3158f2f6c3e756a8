#include "invitations/rows.h"

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "storage/codecs.h"
#include "storage/json.h"
#include "storage/site_access_columns.h"

namespace usher::invitations {

Invitation ReadInvitation(const pg::Row& row, int first_column) {
  Invitation i;
  storage::SiteAccessColumns access;
  std::string metadata;
  row.ReadFrom(first_column, i.organization, i.id, i.email, i.first_name, i.last_name, i.role,
               access.kind, access.groups, access.sites, i.state, i.generation, i.expire_time,
               i.inviter, i.inviter_name, i.locale, i.note, i.redirect_uri, metadata,
               i.delivery.state, i.delivery.code, i.delivery.detail, i.delivery.attempts,
               i.delivery.sent_time, i.user, i.accept_time, i.decline_time, i.cancel_time,
               i.revision, i.create_time, i.update_time);
  i.access = access.ToAccess();
  i.metadata = storage::MapFromJson(metadata);
  return i;
}

absl::Status InvalidToken() {
  return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kInvitationInvalid,
                       "This invitation link is not valid; a newer one may have replaced it.");
}

absl::Status Expired(absl::Time expire_time) {
  return model::Refuse(
      absl::StatusCode::kFailedPrecondition, model::Reason::kInvitationExpired,
      absl::StrCat("The invitation expired on ",
                   absl::FormatTime("%Y-%m-%d %H:%M UTC", expire_time, absl::UTCTimeZone()),
                   "; ask for a new one."));
}

}  // namespace usher::invitations
