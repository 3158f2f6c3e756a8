#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace usher::model {

// Why a call was refused, for programs: the numbers and names of usher.v1.ErrorReason.
enum class Reason {
  kUnspecified = 0,
  kFieldInvalid,
  kRequestIdReused,
  kPageTokenInvalid,
  kCallerUnknown,
  kPermissionMissing,
  kScopeMissing,
  kOrganizationNotFound,
  kUserNotFound,
  kMembershipNotFound,
  kInvitationNotFound,
  kSiteNotFound,
  kSiteGroupNotFound,
  kEventPositionTooOld,
  kDeliveryNotFound,
  kSuppressionNotFound,
  kMemberExists,
  kInvitationExists,
  kOrganizationExists,
  kSiteExists,
  kSiteGroupExists,
  kUserExists,
  kInvitationInvalid,
  kInvitationExpired,
  kEmailMismatch,
  kEmailUnverified,
  kSelfInvitation,
  kRecipientOptedOut,
  kDomainNotAllowed,
  kRedirectUriNotAllowed,
  kWrongState,
  kLastSuperUser,
  kSiteInUse,
  kEtagMismatch,
  kSeatLimit,
  kPendingLimit,
  kRateLimit,
  kConflict,
  kOverloaded,
  kDatabaseUnavailable,
  kDeadlineExceeded,
  kInternal,
  kIssuerKeysUnavailable,
};
inline constexpr Reason kLastReason = Reason::kIssuerKeysUnavailable;

// "FIELD_INVALID" and so on: the enumerator's name in the API without its prefix.
std::string_view ReasonName(Reason reason);

// A field of the request, as a path such as `invitation.site_access.site_ids[2]`, and what is
// wrong with it, as the rest of a sentence that begins with its name.
struct FieldViolation {
  std::string field;
  std::string description;
};

// A limit that was met: whose it is, such as an organization's id, and what it is, such as
// "mails_per_hour is 50".
struct QuotaViolation {
  std::string subject;
  std::string description;
};

// One of several reasons why a call was refused, with its sentence. See model::Refusals.
struct Cause {
  Reason reason = Reason::kUnspecified;
  std::string sentence;
};

struct Refusal {
  Reason reason = Reason::kUnspecified;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<FieldViolation> fields;
  std::vector<QuotaViolation> quotas;
  std::vector<Cause> causes;  // Every reason, if they were looked for; `reason` is the first.
  std::optional<absl::Duration> retry_after;
};

// A status with a sentence for the person and a refusal for the program.
absl::Status Refuse(absl::StatusCode code, Reason reason, std::string_view message);
absl::Status Refuse(absl::StatusCode code, const Refusal& refusal, std::string_view message);

// The refusal of a status made by Refuse; nothing for any other.
std::optional<Refusal> RefusalOf(const absl::Status& status);

// Gathers what is wrong with a request, so that the caller learns all of it at once.
class Violations {
 public:
  void Add(std::string_view field, std::string_view description);

  // The value, or nothing after its error became the violation of `field`.
  template <class T>
  std::optional<T> Take(std::string_view field, absl::StatusOr<T> value) {
    if (value.ok()) return *std::move(value);
    Add(field, std::string(value.status().message()));
    return std::nullopt;
  }

  bool empty() const { return fields_.empty(); }
  // OK when there are none, else INVALID_ARGUMENT FIELD_INVALID.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> fields_;
};

}  // namespace usher::model
