#pragma once

#include "mail/deliveries.h"
#include "mail/suppressions.h"
#include "model/token.h"
#include "server/registry.h"
#include "usher/v1/mail_delivery.grpc.pb.h"

namespace usher::server {

// usher.v1.MailDelivery on one lane: requests to use cases, answers to responses.
class MailDeliveryService {
 public:
  MailDeliveryService(mail::Deliveries& deliveries, mail::Suppressions& suppressions,
                      const model::TokenKeys& keys)
      : deliveries_(deliveries), suppressions_(suppressions), keys_(keys) {}

  void Serve(Registry& registry, ByteService<usher::v1::MailDelivery::AsyncService>& service);

 private:
  async::Task<absl::Status> Claim(CallContext& context,
                                  const usher::v1::ClaimDeliveriesRequest& request,
                                  usher::v1::ClaimDeliveriesResponse* response);
  async::Task<absl::Status> Settle(CallContext& context,
                                   const usher::v1::SettleDeliveryRequest& request,
                                   usher::v1::SettleDeliveryResponse* response);
  async::Task<absl::Status> Report(CallContext& context,
                                   const usher::v1::ReportDeliveryRequest& request,
                                   usher::v1::ReportDeliveryResponse* response);
  async::Task<absl::Status> List(CallContext& context,
                                 const usher::v1::ListSuppressionsRequest& request,
                                 usher::v1::ListSuppressionsResponse* response);
  async::Task<absl::Status> Delete(CallContext& context,
                                   const usher::v1::DeleteSuppressionRequest& request,
                                   usher::v1::DeleteSuppressionResponse* response);

  mail::Deliveries& deliveries_;
  mail::Suppressions& suppressions_;
  const model::TokenKeys& keys_;
};

}  // namespace usher::server
