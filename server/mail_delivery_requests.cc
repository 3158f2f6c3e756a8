#include "server/mail_delivery_requests.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/page_token.h"
#include "server/fields.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using Cursor = mail::SuppressionQuery::Cursor;

constexpr std::string_view kLeasePrefix = "lease";
constexpr model::TextRules kDetail{.min = 0, .max = 500};
constexpr int kMostClaimed = 100;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

void CheckBetween(Fields& fields, std::string_view field, absl::Duration value,
                  absl::Duration least, absl::Duration most) {
  if (value >= least && value <= most) return;
  fields.Add(field, absl::StrCat("must be from ", absl::FormatDuration(least), " to ",
                                 absl::FormatDuration(most)));
}

int ReadCode(Fields& fields, int code) {
  if (code != 0 && (code < 200 || code > 599)) {
    fields.Add("smtp_code", "must be 0 or from 200 to 599");
  }
  return code;
}

model::Uuid ReadLeaseId(Fields& fields, const std::string& text) {
  const auto id = model::DecodeTypeId(text);
  if (id.ok() && id->prefix == kLeasePrefix) return id->uuid;
  fields.Add("lease_id", "must be the lease_id of a claimed delivery");
  return {};
}

mail::SmtpResult::Outcome ReadOutcome(Fields& fields, v1::DeliveryOutcome outcome) {
  using Outcome = mail::SmtpResult::Outcome;
  if (outcome == v1::DELIVERY_OUTCOME_SENT) return Outcome::kSent;
  if (outcome == v1::DELIVERY_OUTCOME_TEMPORARY) return Outcome::kTemporary;
  if (outcome != v1::DELIVERY_OUTCOME_PERMANENT) fields.Add("outcome", "must be a known outcome");
  return Outcome::kPermanent;
}

// "<dlv_….generation@domain>", with or without the brackets; anything else names no delivery.
model::MailId FromMessageId(std::string_view text) {
  if (text.substr(0, 1) == "<") text.remove_prefix(1);
  return model::MailId::Parse(text.substr(0, text.find('.'))).value_or(model::MailId());
}

void ReadOrder(Fields& fields, const std::string& order_by, mail::SuppressionQuery& query) {
  const std::string_view order = order_by.empty() ? "create_time desc" : std::string_view(order_by);
  const std::string_view name = order.substr(0, order.find(' '));
  query.by_email = name == "email";
  query.descending = order.size() > name.size();
  const bool known = query.by_email || name == "create_time";
  if (!known || (query.descending && order.substr(name.size()) != " desc")) {
    fields.Add("order_by", "must be create_time or email, with desc or without");
  }
}

void ReadFilter(Fields& fields, const v1::SuppressionFilter& filter,
                mail::SuppressionQuery& query) {
  if (!filter.email().empty()) {
    const auto email = fields.ReadEmail("filter.email", filter.email());
    if (email) query.email_key = email->key();
  }
  query.organization = fields.ReadOptionalId<model::OrganizationId>("filter.organization_id",
                                                                    filter.organization_id());
  for (const int cause : filter.causes()) {
    if (!v1::SuppressionCause_IsValid(cause) || cause == 0) {
      fields.Add("filter.causes", "must be known causes");
    }
    query.causes.push_back(static_cast<mail::SuppressionCause>(cause));
  }
  const v1::TimeRange& times = filter.create_time();
  if (times.has_start()) query.start = fields.ReadTime("filter.create_time.start", times.start());
  if (times.has_end()) query.end = fields.ReadTime("filter.create_time.end", times.end());
  if (query.start && query.end && *query.end <= *query.start) {
    fields.Add("filter.create_time.end", "must be after start");
  }
}

}  // namespace

absl::StatusOr<mail::DeliveryClaim> Read(const v1::ClaimDeliveriesRequest& request) {
  Fields fields;
  mail::DeliveryClaim claim;
  if (request.max_deliveries() < 0 || request.max_deliveries() > kMostClaimed) {
    fields.Add("max_deliveries", "must be from 0 to 100");
  }
  if (request.max_deliveries() > 0) claim.most = request.max_deliveries();
  if (request.has_lease()) claim.lease = ToDuration(request.lease());
  CheckBetween(fields, "lease", claim.lease, absl::Seconds(10), absl::Minutes(15));
  claim.wait = ToDuration(request.wait());
  CheckBetween(fields, "wait", claim.wait, absl::ZeroDuration(), absl::Seconds(30));
  claim.organization =
      fields.ReadOptionalId<model::OrganizationId>("organization_id", request.organization_id());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return claim;
}

absl::StatusOr<mail::DeliverySettlement> Read(const v1::SettleDeliveryRequest& request) {
  Fields fields;
  mail::DeliverySettlement settlement;
  settlement.id = fields.ReadId<model::MailId>("delivery_id", request.delivery_id());
  settlement.owner = ReadLeaseId(fields, request.lease_id());
  settlement.outcome = ReadOutcome(fields, request.outcome());
  settlement.code = ReadCode(fields, request.smtp_code());
  settlement.detail = fields.ReadText("detail", request.detail(), kDetail);
  settlement.least_delay = ToDuration(request.retry_delay());
  CheckBetween(fields, "retry_delay", settlement.least_delay, absl::ZeroDuration(),
               absl::Hours(24));
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return settlement;
}

absl::StatusOr<mail::DeliveryReport> Read(const v1::ReportDeliveryRequest& request) {
  Fields fields;
  mail::DeliveryReport report;
  if (!request.delivery_id().empty()) {
    report.id = fields.ReadId<model::MailId>("delivery_id", request.delivery_id());
  } else if (request.message_id().empty()) {
    fields.Add("delivery_id", "must be set, or message_id");
  } else {
    report.id =
        FromMessageId(fields.ReadText("message_id", request.message_id(), {.min = 1, .max = 998}));
  }
  if (!v1::DeliveryReport_IsValid(request.report()) || request.report() == 0) {
    fields.Add("report", "must be a known report");
  }
  report.report = static_cast<mail::Report>(request.report());
  report.code = ReadCode(fields, request.smtp_code());
  report.detail = fields.ReadText("detail", request.detail(), kDetail);
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return report;
}

absl::StatusOr<mail::SuppressionQuery> Read(const v1::ListSuppressionsRequest& request) {
  Fields fields;
  mail::SuppressionQuery query;
  query.page_size = fields.ReadPageSize(request.page_size());
  ReadOrder(fields, fields.ReadText("order_by", request.order_by(), {.min = 0, .max = 64}), query);
  ReadFilter(fields, request.filter(), query);
  if (auto status = fields.Check(); !status.ok()) return status;
  return query;
}

absl::StatusOr<SuppressionName> Read(const v1::DeleteSuppressionRequest& request) {
  Fields fields;
  SuppressionName name;
  if (const auto email = fields.ReadEmail("email", request.email())) name.email_key = email->key();
  name.organization =
      fields.ReadOptionalId<model::OrganizationId>("organization_id", request.organization_id());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return name;
}

std::string ToLeaseId(const model::Uuid& owner) { return model::EncodeTypeId(kLeasePrefix, owner); }

std::string ToSuppressionToken(const model::TokenKeys& keys, std::string_view query,
                               const std::optional<Cursor>& next) {
  if (!next) return "";
  const std::string id = model::EncodeTypeId(kLeasePrefix, next->id);
  return model::SealPageToken(
      keys, query,
      absl::StrCat(absl::ToUnixMicros(next->create_time), " ", id, " ", next->email_key));
}

absl::StatusOr<std::optional<Cursor>> FromSuppressionToken(const model::TokenKeys& keys,
                                                           std::string_view query,
                                                           const std::string& token) {
  if (token.empty()) return std::nullopt;
  const auto bytes = model::OpenPageToken(keys, query, token);
  if (!bytes.ok()) return bytes.status();
  // Authentic, so one of ours: its form is not in doubt.
  const std::vector<std::string> parts = absl::StrSplit(*bytes, absl::MaxSplits(' ', 2));
  Cursor cursor;
  int64_t micros = 0;
  if (parts.size() == 3 && absl::SimpleAtoi(parts[0], &micros)) {
    cursor.create_time = absl::FromUnixMicros(micros);
    const auto id = model::DecodeTypeId(parts[1]);
    if (id.ok()) cursor.id = id->uuid;
    cursor.email_key = parts[2];
  }
  return cursor;
}

}  // namespace usher::server
