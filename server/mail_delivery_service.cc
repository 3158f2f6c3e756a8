#include "server/mail_delivery_service.h"

#include "async/try.h"
#include "server/convert.h"
#include "server/mail_delivery_requests.h"
#include "server/page_cursor.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using server::ToProto;

v1::Delivery ToProto(const mail::DeliveryStatus& status) {
  v1::Delivery message;
  message.set_state(static_cast<v1::DeliveryState>(status.state));
  message.set_smtp_code(status.code);
  message.set_detail(status.detail);
  message.set_attempts(status.attempts);
  if (status.sent_time) *message.mutable_send_time() = ToProto(*status.sent_time);
  if (status.next_attempt_time) {
    *message.mutable_next_attempt_time() = ToProto(*status.next_attempt_time);
  }
  return message;
}

v1::Suppression ToProto(const mail::Suppression& suppression) {
  v1::Suppression message;
  message.set_email(suppression.email_key);
  if (suppression.organization) message.set_organization_id(suppression.organization->ToString());
  message.set_cause(static_cast<v1::SuppressionCause>(suppression.cause));
  message.set_detail(suppression.detail);
  *message.mutable_create_time() = ToProto(suppression.create_time);
  return message;
}

v1::ClaimedDelivery ToProto(mail::ClaimedDelivery& claimed, bool validate_only) {
  v1::ClaimedDelivery message;
  message.set_delivery_id(claimed.lease.id.ToString());
  message.set_organization_id(claimed.lease.organization.ToString());
  message.set_invitation_id(claimed.lease.claims.invitation.ToString());
  message.set_attempt(claimed.lease.attempt);
  message.set_kind(static_cast<v1::DeliveryKind>(claimed.lease.mail.kind));
  message.set_sender(claimed.mail.sender);
  message.set_recipient(claimed.mail.recipient);
  message.set_message_id(claimed.mail.message_id);
  message.set_locale(claimed.mail.rendered.locale);
  message.set_traceparent(claimed.lease.traceparent);
  message.set_subject(std::move(claimed.mail.rendered.subject));
  if (validate_only) return message;
  message.set_lease_id(ToLeaseId(claimed.owner));
  *message.mutable_lease_expire_time() = ToProto(claimed.lease.lease_until);
  message.set_text(std::move(claimed.mail.rendered.text));
  message.set_html(std::move(claimed.mail.rendered.html));
  message.set_accept_uri(std::move(claimed.mail.accept_uri));
  message.set_mime(std::move(claimed.mail.mime));
  return message;
}

}  // namespace

using async::Task;

void MailDeliveryService::Serve(Registry& registry,
                                ByteService<v1::MailDelivery::AsyncService>& service) {
  using Async = v1::MailDelivery::AsyncService;
  const std::string name = v1::MailDelivery::service_full_name();
  registry.Unary(service, &Async::RequestClaimDeliveries, name, "ClaimDeliveries",
                 [this](auto&&... call) { return Claim(call...); });
  registry.Unary(service, &Async::RequestSettleDelivery, name, "SettleDelivery",
                 [this](auto&&... call) { return Settle(call...); });
  registry.Unary(service, &Async::RequestReportDelivery, name, "ReportDelivery",
                 [this](auto&&... call) { return Report(call...); });
  registry.Unary(service, &Async::RequestListSuppressions, name, "ListSuppressions",
                 [this](auto&&... call) { return List(call...); });
  registry.Unary(service, &Async::RequestDeleteSuppression, name, "DeleteSuppression",
                 [this](auto&&... call) { return Delete(call...); });
}

Task<absl::Status> MailDeliveryService::Claim(CallContext& context,
                                              const v1::ClaimDeliveriesRequest& request,
                                              v1::ClaimDeliveriesResponse* response) {
  CO_TRY(auto claim, Read(request));
  CO_TRY(auto claimed, co_await deliveries_.Claim(context.call, std::move(claim)));
  for (mail::ClaimedDelivery& one : claimed) {
    *response->add_deliveries() = ToProto(one, context.call.validate_only);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> MailDeliveryService::Settle(CallContext& context,
                                               const v1::SettleDeliveryRequest& request,
                                               v1::SettleDeliveryResponse* response) {
  CO_TRY(auto settlement, Read(request));
  CO_TRY(const auto status, co_await deliveries_.Settle(context.call, std::move(settlement)));
  *response->mutable_delivery() = ToProto(status);
  response->set_position(status.position);
  context.position = status.position;
  co_return absl::OkStatus();
}

Task<absl::Status> MailDeliveryService::Report(CallContext& context,
                                               const v1::ReportDeliveryRequest& request,
                                               v1::ReportDeliveryResponse* response) {
  CO_TRY(auto report, Read(request));
  CO_TRY(const auto status, co_await deliveries_.Report(context.call, std::move(report)));
  *response->mutable_delivery() = ToProto(status);
  response->set_position(status.position);
  context.position = status.position;
  co_return absl::OkStatus();
}

Task<absl::Status> MailDeliveryService::List(CallContext& context,
                                             const v1::ListSuppressionsRequest& request,
                                             v1::ListSuppressionsResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListSuppressions", context.call, request);
  CO_TRY(query.after, FromSuppressionToken(keys_, fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await suppressions_.List(context.call, std::move(query)));
  for (const auto& suppression : page.suppressions) {
    *response->add_suppressions() = ToProto(suppression);
  }
  response->set_next_page_token(ToSuppressionToken(keys_, fingerprint, page.next));
  co_return absl::OkStatus();
}

Task<absl::Status> MailDeliveryService::Delete(CallContext& context,
                                               const v1::DeleteSuppressionRequest& request,
                                               v1::DeleteSuppressionResponse* response) {
  CO_TRY(auto name, Read(request));
  CO_TRY(const auto position,
         co_await suppressions_.Delete(context.call, std::move(name.email_key), name.organization));
  response->set_position(position);
  context.position = position;
  co_return absl::OkStatus();
}

}  // namespace usher::server
