#pragma once

#include <string>

#include "invitations/invitations.h"
#include "model/token.h"
#include "server/registry.h"
#include "usher/v1/invitation_service.grpc.pb.h"

namespace usher::server {

// usher.v1.InvitationService on one lane: requests to use cases, answers to responses.
class InvitationService {
 public:
  // `accept_uri` makes the link of a token.
  using AcceptUri = std::function<std::string(std::string_view token)>;
  // Told after a change that queued mail, so that it need not wait to be found.
  using MailQueued = std::function<void()>;

  InvitationService(invitations::Invitations& invitations, const model::TokenKeys& keys,
                    AcceptUri accept_uri, MailQueued mail_queued)
      : invitations_(invitations),
        keys_(keys),
        accept_uri_(std::move(accept_uri)),
        mail_queued_(std::move(mail_queued)) {}

  void Serve(Registry& registry, ByteService<usher::v1::InvitationService::AsyncService>& service);

 private:
  // Puts an invitation with a new link into a response, and lets its mail be sent.
  template <class Response>
  void Answer(const invitations::CreatedInvitation& created, CallContext& context,
              Response* response) const;
  // The places where pages begin and end, as page tokens that are good for `query` only.
  absl::StatusOr<std::optional<invitations::InvitationCursor>> ReadCursor(
      const std::string& query, const std::string& page_token) const;
  std::string PageTokenOf(const std::string& query,
                          const std::optional<invitations::InvitationCursor>& next) const;

  async::Task<absl::Status> Create(CallContext& context,
                                   const usher::v1::CreateInvitationRequest& request,
                                   usher::v1::CreateInvitationResponse* response);
  async::Task<absl::Status> BatchCreate(CallContext& context,
                                        const usher::v1::BatchCreateInvitationsRequest& request,
                                        usher::v1::BatchCreateInvitationsResponse* response);
  async::Task<absl::Status> BatchCancel(CallContext& context,
                                        const usher::v1::BatchCancelInvitationsRequest& request,
                                        usher::v1::BatchCancelInvitationsResponse* response);
  async::Task<absl::Status> Purge(CallContext& context,
                                  const usher::v1::PurgeInvitationsRequest& request,
                                  usher::v1::PurgeInvitationsResponse* response);
  async::Task<absl::Status> Get(CallContext& context,
                                const usher::v1::GetInvitationRequest& request,
                                usher::v1::GetInvitationResponse* response);
  // In list_invitations.cc.
  async::Task<absl::Status> List(CallContext& context,
                                 const usher::v1::ListInvitationsRequest& request,
                                 usher::v1::ListInvitationsResponse* response);
  async::Task<absl::Status> Preview(CallContext& context,
                                    const usher::v1::PreviewInvitationRequest& request,
                                    usher::v1::PreviewInvitationResponse* response);
  async::Task<absl::Status> Accept(CallContext& context,
                                   const usher::v1::AcceptInvitationRequest& request,
                                   usher::v1::AcceptInvitationResponse* response);
  async::Task<absl::Status> Update(CallContext& context,
                                   const usher::v1::UpdateInvitationRequest& request,
                                   usher::v1::UpdateInvitationResponse* response);
  async::Task<absl::Status> Reinvite(CallContext& context,
                                     const usher::v1::ReinviteUserRequest& request,
                                     usher::v1::ReinviteUserResponse* response);
  async::Task<absl::Status> Cancel(CallContext& context,
                                   const usher::v1::CancelInvitationRequest& request,
                                   usher::v1::CancelInvitationResponse* response);
  async::Task<absl::Status> Delete(CallContext& context,
                                   const usher::v1::DeleteInvitationRequest& request,
                                   usher::v1::DeleteInvitationResponse* response);
  async::Task<absl::Status> Decline(CallContext& context,
                                    const usher::v1::DeclineInvitationRequest& request,
                                    usher::v1::DeclineInvitationResponse* response);
  async::Task<absl::Status> ListMine(CallContext& context,
                                     const usher::v1::ListMyInvitationsRequest& request,
                                     usher::v1::ListMyInvitationsResponse* response);

  invitations::Invitations& invitations_;
  const model::TokenKeys& keys_;
  AcceptUri accept_uri_;
  MailQueued mail_queued_;
};

}  // namespace usher::server
