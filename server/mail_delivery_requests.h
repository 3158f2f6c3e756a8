#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mail/deliveries.h"
#include "mail/suppressions.h"
#include "model/token.h"
#include "usher/v1/mail_delivery.pb.h"

// Requests of MailDelivery as values of the domain. INVALID_ARGUMENT with every field that is
// wrong.
namespace usher::server {

absl::StatusOr<mail::DeliveryClaim> Read(const usher::v1::ClaimDeliveriesRequest& request);
absl::StatusOr<mail::DeliverySettlement> Read(const usher::v1::SettleDeliveryRequest& request);
// A Message-ID that is none of usher's names no delivery.
absl::StatusOr<mail::DeliveryReport> Read(const usher::v1::ReportDeliveryRequest& request);
// All but where the page starts.
absl::StatusOr<mail::SuppressionQuery> Read(const usher::v1::ListSuppressionsRequest& request);

struct SuppressionName {
  std::string email_key;
  std::optional<model::OrganizationId> organization;
};
absl::StatusOr<SuppressionName> Read(const usher::v1::DeleteSuppressionRequest& request);

// What proves a lease: its owner.
std::string ToLeaseId(const model::Uuid& owner);

// Where the next page of suppressions starts, as its token; "" and nothing after the last page.
std::string ToSuppressionToken(const model::TokenKeys& keys, std::string_view query,
                               const std::optional<mail::SuppressionQuery::Cursor>& next);
absl::StatusOr<std::optional<mail::SuppressionQuery::Cursor>> FromSuppressionToken(
    const model::TokenKeys& keys, std::string_view query, const std::string& token);

}  // namespace usher::server
