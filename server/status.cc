#include "server/status.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "google/rpc/error_details.pb.h"
#include "model/refusal.h"
#include "pg/errors.h"

namespace usher::server {
namespace {

using absl::StatusCode;
using model::Reason;

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

Reason ReasonOfClass(StatusCode code) {
  switch (code) {
    case StatusCode::kUnavailable:
      return Reason::kDatabaseUnavailable;
    case StatusCode::kAborted:
    case StatusCode::kAlreadyExists:
    case StatusCode::kFailedPrecondition:
      return Reason::kConflict;
    case StatusCode::kResourceExhausted:
      return Reason::kOverloaded;
    case StatusCode::kDeadlineExceeded:
      return Reason::kDeadlineExceeded;
    default:
      return Reason::kInternal;
  }
}

// Every table of an organization's has a foreign key of this name: the organization was deleted
// while the call ran.
bool IsOrganizationGone(const absl::Status& status) {
  return absl::EndsWith(pg::ConstraintOf(status), "_organization_fkey");
}

// An error that no rule of ours made: its text may be anything, so only its class is told.
model::Refusal Classify(const absl::Status& status) {
  model::Refusal refusal;
  refusal.reason = ReasonOfClass(status.code());
  if (status.code() == StatusCode::kUnavailable ||
      status.code() == StatusCode::kResourceExhausted) {
    refusal.retry_after = kRetryDelay;
  }
  return refusal;
}

template <class Detail>
void Attach(google::rpc::Status& status, const Detail& detail) {
  status.add_details()->PackFrom(detail);
}

void AttachBadRequest(google::rpc::Status& status, const model::Refusal& refusal) {
  if (refusal.fields.empty()) return;
  google::rpc::BadRequest bad;
  for (const model::FieldViolation& violation : refusal.fields) {
    auto* field = bad.add_field_violations();
    field->set_field(violation.field);
    field->set_description(violation.description);
  }
  Attach(status, bad);
}

// One violation for each reason if all were looked for, else the only one that is known.
void AttachPrecondition(google::rpc::Status& status, const model::Refusal& refusal) {
  std::vector<model::Cause> causes = refusal.causes;
  const bool failed = status.code() == static_cast<int>(StatusCode::kFailedPrecondition);
  if (causes.empty() && failed) causes.push_back({refusal.reason, status.message()});
  if (causes.empty()) return;
  google::rpc::PreconditionFailure failure;
  for (const model::Cause& cause : causes) {
    auto* violation = failure.add_violations();
    violation->set_type(std::string(model::ReasonName(cause.reason)));
    violation->set_description(cause.sentence);
  }
  Attach(status, failure);
}

void AttachQuota(google::rpc::Status& status, const model::Refusal& refusal) {
  if (refusal.quotas.empty()) return;
  google::rpc::QuotaFailure failure;
  for (const model::QuotaViolation& quota : refusal.quotas) {
    auto* violation = failure.add_violations();
    violation->set_subject(quota.subject);
    violation->set_description(quota.description);
  }
  Attach(status, failure);
}

void AttachRetry(google::rpc::Status& status, absl::Duration after) {
  google::rpc::RetryInfo retry;
  // Never too early: what is left of a second counts as one.
  retry.mutable_retry_delay()->set_seconds(
      absl::ToInt64Seconds(absl::Ceil(after, absl::Seconds(1))));
  Attach(status, retry);
}

google::rpc::Status Details(const absl::Status& status, const model::Refusal& refusal,
                            std::string_view message) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(message));
  const std::string reason(model::ReasonName(refusal.reason));
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("usher");
  for (const auto& [key, value] : refusal.metadata) (*info.mutable_metadata())[key] = value;
  Attach(details, info);
  AttachBadRequest(details, refusal);
  AttachPrecondition(details, refusal);
  AttachQuota(details, refusal);
  if (refusal.retry_after) AttachRetry(details, *refusal.retry_after);
  return details;
}

model::Refusal RefusalOf(const absl::Status& status) {
  std::optional<model::Refusal> ours = model::RefusalOf(status);
  return ours ? *std::move(ours) : Classify(status);
}

std::string MessageOf(const absl::Status& status, const model::Refusal& refusal) {
  return std::string(refusal.reason == Reason::kInternal ? "internal error" : status.message());
}

}  // namespace

Answer ToAnswer(const absl::Status& status) {
  if (status.ok()) return {grpc::Status::OK, ""};
  if (IsOrganizationGone(status)) {
    return ToAnswer(model::Refuse(StatusCode::kNotFound, Reason::kOrganizationNotFound,
                                  "There is no such organization."));
  }
  const model::Refusal refusal = RefusalOf(status);
  const google::rpc::Status details = Details(status, refusal, MessageOf(status, refusal));
  return {grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(),
                       details.SerializeAsString()),
          model::ReasonName(refusal.reason)};
}

google::rpc::Status ToProto(const absl::Status& status) {
  const model::Refusal refusal = RefusalOf(status);
  return Details(status, refusal, MessageOf(status, refusal));
}

std::string_view CodeName(grpc::StatusCode code) {
  static constexpr std::array<std::string_view, 17> kNames = {"OK",
                                                              "CANCELLED",
                                                              "UNKNOWN",
                                                              "INVALID_ARGUMENT",
                                                              "DEADLINE_EXCEEDED",
                                                              "NOT_FOUND",
                                                              "ALREADY_EXISTS",
                                                              "PERMISSION_DENIED",
                                                              "RESOURCE_EXHAUSTED",
                                                              "FAILED_PRECONDITION",
                                                              "ABORTED",
                                                              "OUT_OF_RANGE",
                                                              "UNIMPLEMENTED",
                                                              "INTERNAL",
                                                              "UNAVAILABLE",
                                                              "DATA_LOSS",
                                                              "UNAUTHENTICATED"};
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

}  // namespace usher::server
