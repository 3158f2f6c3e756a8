#include "server/invitation_service.h"

#include "absl/strings/str_cat.h"
#include "async/try.h"
#include "server/convert.h"
#include "server/invitation_changes.h"
#include "server/invitation_requests.h"
#include "server/page_cursor.h"

namespace usher::server {

namespace v1 = usher::v1;
using async::Task;
using invitations::InvitationCursor;

void InvitationService::Serve(Registry& registry,
                              ByteService<v1::InvitationService::AsyncService>& service) {
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
  registry.Unary(service, &Async::RequestUpdateInvitation, name, "UpdateInvitation",
                 [this](auto&&... call) { return Update(call...); });
  registry.Unary(service, &Async::RequestReinviteUser, name, "ReinviteUser",
                 [this](auto&&... call) { return Reinvite(call...); });
  registry.Unary(service, &Async::RequestCancelInvitation, name, "CancelInvitation",
                 [this](auto&&... call) { return Cancel(call...); });
  registry.Unary(service, &Async::RequestDeleteInvitation, name, "DeleteInvitation",
                 [this](auto&&... call) { return Delete(call...); });
  registry.Unary(service, &Async::RequestDeclineInvitation, name, "DeclineInvitation",
                 [this](auto&&... call) { return Decline(call...); });
  registry.Unary(service, &Async::RequestListMyInvitations, name, "ListMyInvitations",
                 [this](auto&&... call) { return ListMine(call...); });
  registry.Unary(service, &Async::RequestBatchCreateInvitations, name, "BatchCreateInvitations",
                 [this](auto&&... call) { return BatchCreate(call...); });
  registry.Unary(service, &Async::RequestBatchCancelInvitations, name, "BatchCancelInvitations",
                 [this](auto&&... call) { return BatchCancel(call...); });
  registry.Unary(service, &Async::RequestPurgeInvitations, name, "PurgeInvitations",
                 [this](auto&&... call) { return Purge(call...); });
}

absl::StatusOr<std::optional<InvitationCursor>> InvitationService::ReadCursor(
    const std::string& query, const std::string& page_token) const {
  const auto cursor = FromPageToken(keys_, query, page_token);
  if (!cursor.ok()) return cursor.status();
  if (!*cursor) return std::nullopt;
  return InvitationCursor{(*cursor)->create_time, model::InvitationId((*cursor)->id)};
}

std::string InvitationService::PageTokenOf(const std::string& query,
                                           const std::optional<InvitationCursor>& next) const {
  std::optional<PageCursor> cursor;
  if (next) cursor = PageCursor{next->create_time, next->id.uuid()};
  return ToPageToken(keys_, query, cursor);
}

template <class Response>
void InvitationService::Answer(const invitations::CreatedInvitation& created, CallContext& context,
                               Response* response) const {
  *response->mutable_invitation() = ToProto(created.invitation);
  if (created.token.empty()) {
    if (!created.position.empty()) mail_queued_();
  } else {
    response->set_accept_uri(accept_uri_(created.token));
  }
  response->set_position(created.position);
  context.position = created.position;
}

Task<absl::Status> InvitationService::Create(CallContext& context,
                                             const v1::CreateInvitationRequest& request,
                                             v1::CreateInvitationResponse* response) {
  CO_TRY(auto draft, Read(request));
  CO_TRY(const auto created, co_await invitations_.Create(context.call, std::move(draft)));
  Answer(created, context, response);
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
  *response->mutable_membership() = ToProto(accepted.membership);
  *response->mutable_user() = ToProto(accepted.membership.user);
  response->set_user_created(accepted.user_created);
  response->set_redirect_uri(accepted.redirect_uri);
  if (context.call.validate_only && accepted.user_created) {
    response->mutable_membership()->clear_user_id();
    response->mutable_user()->clear_id();
  }
  response->set_position(accepted.position);
  context.position = accepted.position;
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Update(CallContext& context,
                                             const v1::UpdateInvitationRequest& request,
                                             v1::UpdateInvitationResponse* response) {
  CO_TRY(auto update, Read(request));
  CO_TRY(const auto renewed, co_await invitations_.Update(context.call, std::move(update.renewal),
                                                          std::move(update.change)));
  Answer(renewed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Reinvite(CallContext& context,
                                               const v1::ReinviteUserRequest& request,
                                               v1::ReinviteUserResponse* response) {
  CO_TRY(auto renewal, Read(request));
  CO_TRY(const auto renewed, co_await invitations_.Reinvite(context.call, std::move(renewal)));
  Answer(renewed, context, response);
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Cancel(CallContext& context,
                                             const v1::CancelInvitationRequest& request,
                                             v1::CancelInvitationResponse* response) {
  CO_TRY(auto cancellation, Read(request));
  CO_TRY(const auto canceled, co_await invitations_.Cancel(context.call, std::move(cancellation)));
  *response->mutable_invitation() = ToProto(canceled.invitation);
  response->set_position(canceled.position);
  context.position = canceled.position;
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Delete(CallContext& context,
                                             const v1::DeleteInvitationRequest& request,
                                             v1::DeleteInvitationResponse* response) {
  CO_TRY(const InvitationDeletion deletion, Read(request));
  CO_TRY(const auto position, co_await invitations_.Delete(context.call, deletion.organization,
                                                           deletion.invitation, deletion.revision));
  response->set_position(position);
  context.position = position;
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Decline(CallContext& context,
                                              const v1::DeclineInvitationRequest& request,
                                              v1::DeclineInvitationResponse* response) {
  CO_TRY(auto decliner, Read(request, context.call.caller));
  CO_TRY(const auto declined,
         co_await invitations_.Decline(context.call, request.token(), std::move(decliner),
                                       request.do_not_ask_again()));
  *response->mutable_decline_time() = ToProto(declined.decline_time);
  response->set_position(declined.position);
  context.position = declined.position;
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::ListMine(CallContext& context,
                                               const v1::ListMyInvitationsRequest& request,
                                               v1::ListMyInvitationsResponse* response) {
  CO_TRY(auto query, Read(request, context.call.caller));
  const std::string fingerprint = PageFingerprint("ListMyInvitations", context.call, request);
  CO_TRY(query.after, ReadCursor(fingerprint, request.page_token()));
  CO_TRY(const auto page, co_await invitations_.ListMine(context.call, std::move(query)));
  for (const auto& preview : page.previews) *response->add_invitations() = ToProto(preview);
  response->set_next_page_token(PageTokenOf(fingerprint, page.next));
  co_return absl::OkStatus();
}

}  // namespace usher::server
