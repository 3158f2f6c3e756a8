#include "invitations/limits.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/codecs.h"

namespace usher::invitations {
namespace {

using absl::StatusCode;
using model::Reason;

constexpr pg::Statement kLockOrganization{"invitations.lock_organization", R"sql(
  WITH limited AS (
    SELECT o.id FROM usher.organizations o WHERE o.id = $1 AND )sql" USHER_LIMITED R"sql(
    FOR NO KEY UPDATE
  )
  SELECT o.id, limited.id FROM usher.organizations o LEFT JOIN limited ON true WHERE o.id = $1
  FOR KEY SHARE OF o)sql",
                                          /*read_only=*/false, /*shares=*/true};

model::QuotaViolation Quota(model::OrganizationId organization, const char* name, int32_t limit) {
  return {organization.ToString(), absl::StrCat(name, " is ", limit)};
}

absl::Status NoRoom(model::OrganizationId organization, int32_t pending_limit) {
  model::Refusal refusal;
  refusal.reason = Reason::kPendingLimit;
  refusal.quotas = {Quota(organization, "pending_limit", pending_limit)};
  return model::Refuse(StatusCode::kResourceExhausted, refusal,
                       "The organization has as many pending invitations as it may; cancel some.");
}

absl::Status NoMail(model::OrganizationId organization, const Limits& limits) {
  model::Refusal refusal;
  refusal.reason = Reason::kRateLimit;
  absl::Duration again;
  const auto add = [&](bool met, const char* name, int32_t limit,
                       std::optional<absl::Duration> free_in) {
    if (!met) return;
    refusal.quotas.push_back(Quota(organization, name, limit));
    again = std::max(again, free_in.value_or(absl::Hours(1)));
  };
  add(limits.mails, "mails_per_hour", limits.mails_per_hour, limits.mails_again);
  add(limits.inviter_mails, "mails_per_hour_per_inviter", limits.mails_per_hour_per_inviter,
      limits.inviter_again);
  add(limits.recipient_mails, "mails_per_hour_per_recipient", limits.mails_per_hour_per_recipient,
      limits.recipient_again);
  refusal.retry_after = again;
  return model::Refuse(StatusCode::kResourceExhausted, refusal,
                       "As many invitation mails as are allowed were sent in the last hour.");
}

}  // namespace

pg::Bound LockOrganization(model::OrganizationId organization) {
  return pg::Bind(kLockOrganization, organization);
}

Limits ReadLimits(const pg::Row& row, int first_column) {
  Limits l;
  row.ReadFrom(first_column, l.seats, l.pending, l.mails, l.inviter_mails, l.recipient_mails,
               l.mails_again, l.inviter_again, l.recipient_again, l.seat_limit, l.pending_limit,
               l.mails_per_hour, l.mails_per_hour_per_inviter, l.mails_per_hour_per_recipient);
  return l;
}

void AddLimits(model::OrganizationId organization, const Limits& limits,
               model::Refusals& refusals) {
  // First what is exact: rows of a batch that found no mail may have been counted as taking a seat.
  if (limits.mails || limits.inviter_mails || limits.recipient_mails) {
    refusals.Add(NoMail(organization, limits));
  }
  if (limits.seats) refusals.Add(NoSeat(organization, limits.seat_limit));
  if (limits.pending) refusals.Add(NoRoom(organization, limits.pending_limit));
}

}  // namespace usher::invitations
