#include "invitations/verdict.h"

#include "invitations/rows.h"
#include "model/refusals.h"
#include "storage/codecs.h"

namespace usher::invitations {
namespace {

using absl::StatusCode;
using model::Reason;

constexpr int kLimitsColumn = 10;
constexpr int kVerdictColumns = 24;

absl::Status DomainNotAllowed(const model::Email& email) {
  model::Refusal refusal;
  refusal.reason = Reason::kDomainNotAllowed;
  refusal.metadata.emplace_back("domain", email.domain());
  return model::Refuse(StatusCode::kFailedPrecondition, refusal,
                       "The organization's settings do not allow addresses of this domain.");
}

absl::Status RedirectUriNotAllowed() {
  return model::Refuse(StatusCode::kFailedPrecondition, Reason::kRedirectUriNotAllowed,
                       "The organization's settings allow no such redirect URI.");
}

bool IsPending(const std::optional<Invitation>& invitation) {
  return invitation && invitation->state == model::InvitationState::kPending;
}

}  // namespace

Verdict ReadVerdict(const pg::Row& row, int first_column) {
  Verdict v;
  row.ReadFrom(first_column, v.n, v.outcome, v.unknown_groups, v.unknown_sites, v.member, v.pending,
               v.opted_out, v.domain_denied, v.redirect_denied, v.repeated);
  v.limits = ReadLimits(row, first_column + kLimitsColumn);
  v.position = row.Get<std::string>(first_column + kVerdictColumns - 1);
  const int invitation = first_column + kVerdictColumns;
  if (!row.IsNull(invitation)) v.invitation = ReadInvitation(row, invitation);
  return v;
}

bool IsDone(const Verdict& verdict, model::OnPending on_pending) {
  if (verdict.outcome == Outcome::kNothing) return false;
  if (verdict.outcome != Outcome::kOvertaken) return true;
  return on_pending == model::OnPending::kReturn && IsPending(verdict.invitation);
}

absl::Status Why(const Verdict& verdict, const Invitee& invitee, model::OrganizationId organization,
                 bool every) {
  if (verdict.outcome == Outcome::kOvertaken) {
    return IsPending(verdict.invitation) ? InvitationExists(verdict.invitation->id) : Conflict();
  }
  model::Refusals refusals(every);
  refusals.Add(CheckFields(true, invitee.field, storage::SiteAccessColumns(invitee.access),
                           verdict.unknown_groups, verdict.unknown_sites));
  if (verdict.member) refusals.Add(MemberExists(*verdict.member));
  if (verdict.pending) refusals.Add(InvitationExists(*verdict.pending));
  if (verdict.repeated && !verdict.pending && IsPending(verdict.invitation)) {
    refusals.Add(InvitationExists(verdict.invitation->id));
  }
  if (verdict.opted_out) refusals.Add(OptedOut());
  if (verdict.domain_denied) refusals.Add(DomainNotAllowed(invitee.email));
  if (verdict.redirect_denied) refusals.Add(RedirectUriNotAllowed());
  AddLimits(organization, verdict.limits, refusals);
  return refusals.empty() ? Conflict() : refusals.ToStatus();
}

}  // namespace usher::invitations
