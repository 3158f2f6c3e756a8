#include "model/refusal.h"

#include <array>
#include <nlohmann/json.hpp>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace usher::model {
namespace {

using nlohmann::json;

constexpr const char* kPayloadUrl = "usher.model/refusal";

constexpr auto kNames = std::to_array<std::string_view>({
    "UNSPECIFIED",
    "FIELD_INVALID",
    "REQUEST_ID_REUSED",
    "PAGE_TOKEN_INVALID",
    "CALLER_UNKNOWN",
    "PERMISSION_MISSING",
    "SCOPE_MISSING",
    "ORGANIZATION_NOT_FOUND",
    "USER_NOT_FOUND",
    "MEMBERSHIP_NOT_FOUND",
    "INVITATION_NOT_FOUND",
    "SITE_NOT_FOUND",
    "SITE_GROUP_NOT_FOUND",
    "EVENT_POSITION_TOO_OLD",
    "DELIVERY_NOT_FOUND",
    "SUPPRESSION_NOT_FOUND",
    "MEMBER_EXISTS",
    "INVITATION_EXISTS",
    "ORGANIZATION_EXISTS",
    "SITE_EXISTS",
    "SITE_GROUP_EXISTS",
    "USER_EXISTS",
    "INVITATION_INVALID",
    "INVITATION_EXPIRED",
    "EMAIL_MISMATCH",
    "EMAIL_UNVERIFIED",
    "SELF_INVITATION",
    "RECIPIENT_OPTED_OUT",
    "DOMAIN_NOT_ALLOWED",
    "REDIRECT_URI_NOT_ALLOWED",
    "WRONG_STATE",
    "LAST_SUPER_USER",
    "SITE_IN_USE",
    "ETAG_MISMATCH",
    "SEAT_LIMIT",
    "PENDING_LIMIT",
    "RATE_LIMIT",
    "CONFLICT",
    "OVERLOADED",
    "DATABASE_UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "INTERNAL",
    "ISSUER_KEYS_UNAVAILABLE",
});

std::string ToPayload(const Refusal& refusal) {
  json fields = json::array();
  for (const FieldViolation& violation : refusal.fields) {
    fields.push_back({violation.field, violation.description});
  }
  json quotas = json::array();
  for (const QuotaViolation& quota : refusal.quotas) {
    quotas.push_back({quota.subject, quota.description});
  }
  json causes = json::array();
  for (const Cause& cause : refusal.causes) {
    causes.push_back({static_cast<int>(cause.reason), cause.sentence});
  }
  json payload = {{"reason", static_cast<int>(refusal.reason)},
                  {"metadata", refusal.metadata},
                  {"fields", std::move(fields)},
                  {"quotas", std::move(quotas)},
                  {"causes", std::move(causes)}};
  if (refusal.retry_after) payload["retry_ms"] = absl::ToInt64Milliseconds(*refusal.retry_after);
  // Descriptions may quote what a caller sent.
  return payload.dump(-1, ' ', false, json::error_handler_t::replace);
}

Refusal FromPayload(const std::string& text) {
  const json payload = json::parse(text);
  Refusal refusal;
  refusal.reason = static_cast<Reason>(payload["reason"].get<int>());
  payload["metadata"].get_to(refusal.metadata);
  for (const json& field : payload["fields"]) {
    refusal.fields.push_back({field[0].get<std::string>(), field[1].get<std::string>()});
  }
  for (const json& quota : payload["quotas"]) {
    refusal.quotas.push_back({quota[0].get<std::string>(), quota[1].get<std::string>()});
  }
  for (const json& cause : payload["causes"]) {
    refusal.causes.push_back(
        {static_cast<Reason>(cause[0].get<int>()), cause[1].get<std::string>()});
  }
  if (payload.contains("retry_ms")) {
    refusal.retry_after = absl::Milliseconds(payload["retry_ms"].get<int64_t>());
  }
  return refusal;
}

}  // namespace

std::string_view ReasonName(Reason reason) {
  const auto index = static_cast<size_t>(reason);
  return index < kNames.size() ? kNames[index] : kNames[0];
}

absl::Status Refuse(absl::StatusCode code, Reason reason, std::string_view message) {
  Refusal refusal;
  refusal.reason = reason;
  return Refuse(code, refusal, message);
}

absl::Status Refuse(absl::StatusCode code, const Refusal& refusal, std::string_view message) {
  absl::Status status(code, std::string(message));
  status.SetPayload(kPayloadUrl, absl::Cord(ToPayload(refusal)));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload) return std::nullopt;
  return FromPayload(std::string(*payload));
}

void Violations::Add(std::string_view field, std::string_view description) {
  fields_.push_back({std::string(field), std::string(description)});
}

absl::Status Violations::ToStatus() const {
  if (fields_.empty()) return absl::OkStatus();
  Refusal refusal;
  refusal.reason = Reason::kFieldInvalid;
  refusal.fields = fields_;
  std::string message = absl::StrCat(fields_[0].field, " ", fields_[0].description);
  if (fields_.size() > 1) absl::StrAppend(&message, "; and ", fields_.size() - 1, " more");
  return Refuse(absl::StatusCode::kInvalidArgument, refusal, message);
}

}  // namespace usher::model
