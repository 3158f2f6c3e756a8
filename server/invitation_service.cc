#include "server/invitation_service.h"

#include "absl/strings/str_cat.h"
#include "async/try.h"
#include "server/convert.h"
#include "server/invitation_requests.h"
#include "server/page_cursor.h"

namespace usher::server {

namespace v1 = usher::v1;
using async::Task;

void InvitationService::Serve(Registry& registry, v1::InvitationService::AsyncService& service) {
  using Async = v1::InvitationService::AsyncService;
  const std::string name = v1::InvitationService::service_full_name();
  registry.Unary(service, &Async::RequestCreateInvitation, name, "CreateInvitation",
                 [this](auto&&... call) { return Create(call...); });
  registry.Unary(service, &Async::RequestGetInvitation, name, "GetInvitation",
                 [this](auto&&... call) { return Get(call...); });
  registry.Unary(service, &Async::RequestListInvitations, name, "ListInvitations",
                 [this](auto&&... call) { return List(call...); });
  registry.Unary(service, &Async::RequestPreviewInvitation, name, "PreviewInvitation",
                 [this](auto&&... call) { return Preview(call...); });
  registry.Unary(service, &Async::RequestAcceptInvitation, name, "AcceptInvitation",
                 [this](auto&&... call) { return Accept(call...); });
  registry.Unbuilt(service, &Async::RequestBatchCreateInvitations, name, "BatchCreateInvitations");
  registry.Unbuilt(service, &Async::RequestUpdateInvitation, name, "UpdateInvitation");
  registry.Unbuilt(service, &Async::RequestReinviteUser, name, "ReinviteUser");
  registry.Unbuilt(service, &Async::RequestCancelInvitation, name, "CancelInvitation");
  registry.Unbuilt(service, &Async::RequestBatchCancelInvitations, name, "BatchCancelInvitations");
  registry.Unbuilt(service, &Async::RequestDeleteInvitation, name, "DeleteInvitation");
  registry.Unbuilt(service, &Async::RequestPurgeInvitations, name, "PurgeInvitations");
  registry.Unbuilt(service, &Async::RequestDeclineInvitation, name, "DeclineInvitation");
  registry.Unbuilt(service, &Async::RequestListMyInvitations, name, "ListMyInvitations");
}

Task<absl::Status> InvitationService::Create(CallContext& context,
                                             const v1::CreateInvitationRequest& request,
                                             v1::CreateInvitationResponse* response) {
  CO_TRY(auto draft, Read(request));
  CO_TRY(const auto created, co_await invitations_.Create(context.call, std::move(draft)));
  *response->mutable_invitation() = ToProto(created.invitation);
  if (created.token.empty()) {
    mail_queued_();
  } else {
    response->set_accept_uri(accept_uri_(created.token));
  }
  response->set_position(created.position);
  context.position = created.position;
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Get(CallContext& context,
                                          const v1::GetInvitationRequest& request,
                                          v1::GetInvitationResponse* response) {
  CO_TRY(const InvitationName name, Read(request));
  CO_TRY(const auto invitation,
         co_await invitations_.Get(context.call, name.organization, name.invitation));
  *response->mutable_invitation() = ToProto(invitation);
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::List(CallContext& context,
                                           const v1::ListInvitationsRequest& request,
                                           v1::ListInvitationsResponse* response) {
  CO_TRY(auto query, Read(request));
  const std::string fingerprint = PageFingerprint("ListInvitations", context.call, request);
  CO_TRY(const auto after, FromPageToken(keys_, fingerprint, request.page_token()));
  if (after) {
    query.after = invitations::InvitationCursor{after->create_time, model::InvitationId(after->id)};
  }
  CO_TRY(const auto page, co_await invitations_.List(context.call, std::move(query)));
  for (const auto& invitation : page.invitations) {
    *response->add_invitations() = ToProto(invitation);
  }
  std::optional<PageCursor> next;
  if (page.next) next = PageCursor{page.next->create_time, page.next->id.uuid()};
  response->set_next_page_token(ToPageToken(keys_, fingerprint, next));
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Preview(CallContext& context,
                                              const v1::PreviewInvitationRequest& request,
                                              v1::PreviewInvitationResponse* response) {
  CO_TRY(const auto preview, co_await invitations_.Preview(context.call, request.token()));
  *response->mutable_preview() = ToProto(preview);
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Accept(CallContext& context,
                                             const v1::AcceptInvitationRequest& request,
                                             v1::AcceptInvitationResponse* response) {
  CO_TRY(auto accepter, Read(request, context.call.caller));
  CO_TRY(const auto accepted,
         co_await invitations_.Accept(context.call, request.token(), std::move(accepter)));
  CO_TRY(const auto membership,
         co_await directory_.ReadMembership(context.call, accepted.organization, accepted.user));
  *response->mutable_membership() = ToProto(membership);
  *response->mutable_user() = ToProto(membership.user);
  response->set_user_created(accepted.user_created);
  response->set_redirect_uri(accepted.redirect_uri);
  response->set_position(accepted.position);
  context.position = accepted.position;
  co_return absl::OkStatus();
}

}  // namespace usher::server
