#include <utility>
#include <vector>

#include "async/try.h"
#include "server/convert.h"
#include "server/invitation_changes.h"
#include "server/invitation_requests.h"
#include "server/invitation_service.h"
#include "server/status.h"

namespace usher::server {

namespace v1 = usher::v1;
using async::Task;

namespace {

// The places of rows that can be asked for, and the results of those that cannot.
template <class Row, class Response>
std::vector<Row> TakeGoodRows(std::vector<absl::StatusOr<Row>> rows, Response* response,
                              std::vector<v1::InvitationResult*>& places) {
  std::vector<Row> good;
  for (absl::StatusOr<Row>& row : rows) {
    v1::InvitationResult* result = response->add_results();
    if (row.ok()) {
      good.push_back(*std::move(row));
      places.push_back(result);
    } else {
      *result->mutable_error() = ToProto(row.status());
    }
  }
  return good;
}

}  // namespace

Task<absl::Status> InvitationService::BatchCreate(CallContext& context,
                                                  const v1::BatchCreateInvitationsRequest& request,
                                                  v1::BatchCreateInvitationsResponse* response) {
  CO_TRY(auto terms, Read(request));
  std::vector<absl::StatusOr<invitations::Invitee>> rows;
  for (int i = 0; i < request.invitations_size(); ++i) {
    rows.push_back(ReadInvitee("invitations[" + std::to_string(i) + "]", request.invitations(i)));
  }
  std::vector<v1::InvitationResult*> places;
  auto invitees = TakeGoodRows(std::move(rows), response, places);
  CO_TRY(const auto answers,
         co_await invitations_.BatchCreate(context.call, std::move(terms), std::move(invitees)));
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      *places[i]->mutable_error() = ToProto(answers[i].status());
      continue;
    }
    *places[i]->mutable_invitation() = ToProto(answers[i]->invitation);
    if (!answers[i]->token.empty()) places[i]->set_accept_uri(accept_uri_(answers[i]->token));
    if (!answers[i]->position.empty()) context.position = answers[i]->position;
  }
  response->set_position(context.position);
  if (!context.position.empty()) mail_queued_();
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::BatchCancel(CallContext& context,
                                                  const v1::BatchCancelInvitationsRequest& request,
                                                  v1::BatchCancelInvitationsResponse* response) {
  CO_TRY(auto batch, Read(request));
  std::vector<v1::InvitationResult*> places;
  auto cancellations = TakeGoodRows(std::move(batch.rows), response, places);
  CO_TRY(const auto answers, co_await invitations_.BatchCancel(context.call, batch.organization,
                                                               std::move(cancellations)));
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) {
      *places[i]->mutable_error() = ToProto(answers[i].status());
      continue;
    }
    *places[i]->mutable_invitation() = ToProto(answers[i]->invitation);
    if (!answers[i]->position.empty()) context.position = answers[i]->position;
  }
  response->set_position(context.position);
  co_return absl::OkStatus();
}

Task<absl::Status> InvitationService::Purge(CallContext& context,
                                            const v1::PurgeInvitationsRequest& request,
                                            v1::PurgeInvitationsResponse* response) {
  CO_TRY(auto query, Read(request));
  CO_TRY(const auto purged, co_await invitations_.Purge(context.call, std::move(query)));
  response->set_purged_count(purged.count);
  response->set_position(purged.position);
  context.position = purged.position;
  co_return absl::OkStatus();
}

}  // namespace usher::server
