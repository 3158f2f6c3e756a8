#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "model/caller.h"
#include "model/email.h"
#include "model/ids.h"
#include "model/invitation.h"
#include "model/list.h"
#include "model/membership.h"
#include "model/role.h"
#include "model/site_access.h"
#include "model/token.h"
#include "model/uri.h"
#include "pg/pool.h"

namespace usher::invitations {

using Metadata = std::map<std::string, std::string>;

struct Delivery {
  model::DeliveryState state = model::DeliveryState::kNone;
  int32_t code = 0;  // The last SMTP reply's, 0 before one.
  std::string detail;
  int32_t attempts = 0;
  std::optional<absl::Time> sent_time;
  std::optional<absl::Time> next_attempt_time;
};

struct Invitation {
  model::OrganizationId organization;
  model::InvitationId id;
  std::string email;
  std::string first_name;
  std::string last_name;
  model::Role role{};
  model::SiteAccess access = model::SiteAccess::All();
  model::InvitationState state{};  // As of the reading statement's time: expired when it is.
  int32_t generation = 0;
  absl::Time expire_time;
  std::optional<model::UserId> inviter;  // None when a service invited, or the user is gone.
  std::string inviter_name;
  std::string locale;
  std::string note;
  std::string redirect_uri;
  Metadata metadata;
  Delivery delivery;
  std::optional<model::UserId> user;  // Who accepted.
  std::optional<absl::Time> accept_time;
  std::optional<absl::Time> decline_time;
  std::optional<absl::Time> cancel_time;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;
};

// Whom to invite as what.
struct Invitee {
  model::Email email;
  std::string first_name;
  std::string last_name;
  model::Role role{};
  model::SiteAccess access = model::SiteAccess::All();
  std::string locale;  // Empty: the organization's.
  std::string note;
  std::optional<model::Uri> redirect_uri;
  Metadata metadata;
  std::string field = "invitation";  // Its place in the request, for violations.
};

// What holds for all invitees of a call.
struct InvitationTerms {
  model::OrganizationId organization;
  // At most one of the two; with neither, the organization's invitation lifetime.
  std::optional<absl::Duration> lifetime;
  std::optional<absl::Time> expire_time;
  model::OnPending on_pending = model::OnPending::kFail;
  bool send_email = true;
};

struct NewInvitation : InvitationTerms, Invitee {};

struct CreatedInvitation {
  Invitation invitation;
  std::string token;     // Only when no mail brings it.
  std::string position;  // Empty when nothing was changed.
};
using CreatedInvitations = std::vector<absl::StatusOr<CreatedInvitation>>;

// What every renewal asks for.
struct Renewal {
  model::OrganizationId organization;
  model::InvitationId id;
  std::optional<int64_t> revision;  // Only if it still is this one.
  // At most one of the two; with neither, the organization's invitation lifetime.
  std::optional<absl::Duration> lifetime;
  std::optional<absl::Time> expire_time;
  bool send_email = true;
};
using RenewedInvitation = CreatedInvitation;

// What a renewal changes besides; the rest stays.
struct InvitationChange {
  std::optional<model::Role> role;
  std::optional<model::SiteAccess> access;
};

// Which invitation to cancel: one of the two, the address meaning its newest.
struct Cancellation {
  model::OrganizationId organization;
  std::optional<model::InvitationId> id;
  std::optional<std::string> email_key;
  std::optional<int64_t> revision;
};

struct CanceledInvitation {
  Invitation invitation;
  std::string position;  // Empty when it had been canceled before.
};
using CanceledInvitations = std::vector<absl::StatusOr<CanceledInvitation>>;

// Which invitations to purge: those in one of `states`, of EXPIRED, DECLINED and CANCELED, for at
// least `min_age`.
struct PurgeQuery {
  model::OrganizationId organization;
  std::vector<model::InvitationState> states;
  absl::Duration min_age;
};

// More would hold their locks for too long.
inline constexpr int64_t kMostPurged = 10000;

struct Purged {
  int32_t count = 0;
  std::string position;  // Empty when there was none.
};

struct Declination {
  absl::Time decline_time;
  std::string position;  // Empty when it had been declined before.
};

struct InvitationPreview {
  model::OrganizationId organization;
  model::InvitationId id;
  std::string organization_name;
  std::string inviter_name;
  std::string email;
  std::string first_name;
  std::string last_name;
  model::Role role{};
  bool all_sites = false;
  std::vector<std::string> site_group_names;
  std::vector<std::string> site_names;
  std::string note;
  std::string locale;
  std::string redirect_uri;
  absl::Time create_time;
  absl::Time expire_time;
};

// The person who accepts, as far as the caller knows them.
struct Accepter {
  std::optional<model::UserId> user;
  std::optional<model::Email> email;
  bool email_verified = false;
  std::string issuer;  // Of the identity to remember; empty for none.
  std::string subject;
  std::optional<std::string> first_name;  // In place of what the inviter wrote.
  std::optional<std::string> last_name;
  std::optional<std::string> locale;
};

struct Acceptance {
  model::Membership membership;
  bool user_created = false;
  std::string redirect_uri;
  std::string position;  // Empty when it had been accepted before.
};

// From the start on until before the end, each if given.
struct TimeRange {
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;
};

// What is empty or none filters nothing.
struct InvitationFilter {
  std::vector<model::InvitationState> states;
  std::vector<model::Role> roles;
  std::string search;
  std::optional<model::SiteId> site;
  std::optional<model::SiteGroupId> site_group;
  std::optional<model::UserId> inviter;
  std::optional<std::string> email_key;
  TimeRange create_time;
  TimeRange expire_time;
};

struct InvitationCursor {
  absl::Time create_time;
  model::InvitationId id;
};

struct InvitationQuery {
  model::OrganizationId organization;
  InvitationFilter filter;
  model::OrderBy order{"create_time", /*descending=*/true};
  std::optional<model::ListCursor> after;
  int32_t page_size = 50;
  bool with_total = false;
};

// What List can order by.
const std::vector<std::string_view>& InvitationsColumns();

struct MyInvitationsQuery {
  // Of the address, if it is known, else of the user's.
  std::optional<model::UserId> user;
  std::optional<model::Email> email;
  bool email_verified = false;
  std::optional<InvitationCursor> after;
  int32_t page_size = 50;
};

struct PreviewPage {
  std::vector<InvitationPreview> previews;
  std::optional<InvitationCursor> next;  // None on the last page.
};

struct InvitationPage {
  std::vector<Invitation> invitations;
  std::optional<model::ListCursor> next;  // None on the last page.
  int32_t total = 0;
};

// Whether created invitations are mailed.
enum class MailMode { kDisabled, kEnabled };

// Invites, shows and accepts; remembers nothing itself.
//
// Each method is one RPC and one transaction. EXPIRED is decided on read by the database's clock
// in every one of them, so an invitation that nobody looks at needs no work. Refusals carry a
// model::Reason; NOT_FOUND ORGANIZATION_NOT_FOUND also stands for "you are no member".
class Invitations {
 public:
  Invitations(pg::Pool& db, model::IdSource& ids, const model::TokenKeys& keys, MailMode mail)
      : db_(db), ids_(ids), keys_(keys), mail_(mail) {}

  // Invites an address and queues its mail. One that expired, was declined or canceled becomes
  // history. ALREADY_EXISTS MEMBER_EXISTS: it belongs to a member; INVITATION_EXISTS: a pending
  // invitation is there (its id in the metadata) and on_pending is kFail. FAILED_PRECONDITION
  // RECIPIENT_OPTED_OUT, DOMAIN_NOT_ALLOWED, REDIRECT_URI_NOT_ALLOWED; RESOURCE_EXHAUSTED
  // SEAT_LIMIT, PENDING_LIMIT, RATE_LIMIT. INVALID_ARGUMENT: unknown sites or groups.
  async::Task<absl::StatusOr<CreatedInvitation>> Create(const model::Call& call,
                                                        NewInvitation draft);

  // Each as Create would after those before it; one transaction, so that with an error of the whole
  // (its caller, its expiry, the database) there is none of them. The answers are in order. A
  // further invitee of an address is INVITATION_EXISTS if one before was invited.
  async::Task<absl::StatusOr<CreatedInvitations>> BatchCreate(const model::Call& call,
                                                              InvitationTerms terms,
                                                              std::vector<Invitee> invitees);

  // NOT_FOUND INVITATION_NOT_FOUND when the organization has none of that id.
  async::Task<absl::StatusOr<Invitation>> Get(const model::Call& call,
                                              model::OrganizationId organization,
                                              model::InvitationId id);

  // Those of these that there are, in no order. Only for invitations of which the same call was
  // told before: no rights are asked for.
  async::Task<absl::StatusOr<std::vector<Invitation>>> Read(const model::Call& call,
                                                            model::OrganizationId organization,
                                                            std::vector<model::InvitationId> ids);

  // Makes it PENDING again with a new link, whose mail is queued, and a new expiry; older links are
  // dead from then on. NOT_FOUND INVITATION_NOT_FOUND; ABORTED ETAG_MISMATCH; FAILED_PRECONDITION
  // WRONG_STATE: accepted, canceled, or replaced by a newer one of its address; ALREADY_EXISTS
  // MEMBER_EXISTS: the address has become a member's; FAILED_PRECONDITION RECIPIENT_OPTED_OUT;
  // RESOURCE_EXHAUSTED RATE_LIMIT, and SEAT_LIMIT or PENDING_LIMIT unless it is pending.
  async::Task<absl::StatusOr<RenewedInvitation>> Reinvite(const model::Call& call, Renewal renewal);

  // As Reinvite, with another role or site access. INVALID_ARGUMENT: unknown sites or groups.
  async::Task<absl::StatusOr<RenewedInvitation>> Update(const model::Call& call, Renewal renewal,
                                                        InvitationChange change);

  // Ends a pending or expired one: its link is dead, its unsent mail withdrawn. One that is
  // canceled already is answered as it is. NOT_FOUND INVITATION_NOT_FOUND; ABORTED ETAG_MISMATCH;
  // FAILED_PRECONDITION WRONG_STATE.
  async::Task<absl::StatusOr<CanceledInvitation>> Cancel(const model::Call& call,
                                                         Cancellation cancellation);

  // Each as Cancel would, of one organization and in one transaction. The answers are in order.
  async::Task<absl::StatusOr<CanceledInvitations>> BatchCancel(
      const model::Call& call, model::OrganizationId organization,
      std::vector<Cancellation> cancellations);

  // Takes an expired, declined or canceled one out of all reads; its events stay. The position.
  // NOT_FOUND INVITATION_NOT_FOUND; ABORTED ETAG_MISMATCH; FAILED_PRECONDITION WRONG_STATE.
  async::Task<absl::StatusOr<std::string>> Delete(const model::Call& call,
                                                  model::OrganizationId organization,
                                                  model::InvitationId id,
                                                  std::optional<int64_t> revision);

  // Deletes, as Delete would, what has been over for long: kMostPurged at once, the oldest first.
  async::Task<absl::StatusOr<Purged>> Purge(const model::Call& call, PurgeQuery query);

  // A page; rows that appear or vanish meanwhile disturb no other.
  async::Task<absl::StatusOr<InvitationPage>> List(const model::Call& call, InvitationQuery query);

  // What the invited person sees before deciding; changes nothing, since mail scanners open links.
  // NOT_FOUND INVITATION_INVALID, FAILED_PRECONDITION INVITATION_EXPIRED.
  async::Task<absl::StatusOr<InvitationPreview>> Preview(const model::Call& call,
                                                         std::string token);

  // Makes the invited person a member with exactly the role and sites of the invitation, creating
  // the user if the address is new. Repeated by the same person it answers the same.
  // NOT_FOUND INVITATION_INVALID; PERMISSION_DENIED EMAIL_UNVERIFIED, EMAIL_MISMATCH or
  // SELF_INVITATION; FAILED_PRECONDITION INVITATION_EXPIRED; ALREADY_EXISTS MEMBER_EXISTS;
  // RESOURCE_EXHAUSTED SEAT_LIMIT.
  async::Task<absl::StatusOr<Acceptance>> Accept(const model::Call& call, std::string token,
                                                 Accepter accepter);

  // The invited person turns it down: the link is dead until somebody renews the invitation.
  // With do_not_ask_again the organization may not invite the address any more, nor reinvite it.
  // Repeated by the same person it answers the same. NOT_FOUND INVITATION_INVALID;
  // PERMISSION_DENIED EMAIL_UNVERIFIED or EMAIL_MISMATCH; FAILED_PRECONDITION INVITATION_EXPIRED.
  async::Task<absl::StatusOr<Declination>> Decline(const model::Call& call, std::string token,
                                                   Accepter decliner,
                                                   bool do_not_ask_again = false);

  // The pending invitations of one verified address in all organizations, newest first.
  // PERMISSION_DENIED EMAIL_UNVERIFIED.
  async::Task<absl::StatusOr<PreviewPage>> ListMine(const model::Call& call,
                                                    MyInvitationsQuery query);

 private:
  // Of a mail to an inviter; none where no mails are sent.
  std::optional<model::MailId> NoticeId() {
    if (mail_ == MailMode::kDisabled) return std::nullopt;
    return model::MailId(ids_.Next());
  }
  model::DeliveryState DeliveryOf(bool send_email) const {
    if (!send_email) return model::DeliveryState::kNone;
    return mail_ == MailMode::kDisabled ? model::DeliveryState::kDisabled
                                        : model::DeliveryState::kQueued;
  }
  // The link's token, for answers that bring it because no mail does.
  std::string TokenOf(const Invitation& invitation) const;
  // Nothing when it is not as plain as that.
  async::Task<absl::StatusOr<std::optional<CreatedInvitation>>> CreatePlain(
      const model::Call& call, const NewInvitation& draft);
  async::Task<absl::StatusOr<RenewedInvitation>> Renew(const model::Call& call, Renewal renewal,
                                                       InvitationChange change,
                                                       std::string event_type);
  async::Task<absl::StatusOr<Acceptance>> ExplainAccept(const model::Call& call,
                                                        const model::TokenClaims& claims,
                                                        const Accepter& accepter);
  async::Task<absl::StatusOr<Declination>> ExplainDecline(const model::Call& call,
                                                          const model::TokenClaims& claims,
                                                          const Accepter& decliner);

  pg::Pool& db_;
  model::IdSource& ids_;
  const model::TokenKeys& keys_;
  MailMode mail_;
};

}  // namespace usher::invitations
