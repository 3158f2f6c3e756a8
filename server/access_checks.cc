#include <utility>

#include "async/try.h"
#include "server/access_requests.h"
#include "server/page_cursor.h"
#include "server/user_directory_service.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using async::Task;

void Answer(const model::AccessDecision& decision, v1::CheckAccessResponse* response) {
  response->set_allowed(decision.allowed);
  response->set_reason(static_cast<v1::AccessReason>(decision.reason));
}

}  // namespace

Task<absl::Status> UserDirectoryService::CheckAccess(CallContext& context,
                                                     const v1::CheckAccessRequest& request,
                                                     v1::CheckAccessResponse* response) {
  CO_TRY(auto asked, Read(request, context.call.caller));
  CO_TRY(const auto answer,
         co_await directory_.CheckAccess(context.call, std::move(asked.what), asked.consistency));
  Answer(answer.decision, response);
  response->set_position(answer.position);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::BatchCheckAccess(
    CallContext& context, const v1::BatchCheckAccessRequest& request,
    v1::BatchCheckAccessResponse* response) {
  CO_TRY(auto asked, Read(request, context.call.caller));
  CO_TRY(const auto answers, co_await directory_.BatchCheckAccess(
                                 context.call, std::move(asked.what), asked.consistency));
  for (const model::AccessDecision& decision : answers.decisions) {
    Answer(decision, response->add_results());
  }
  response->set_position(answers.position);
  co_return absl::OkStatus();
}

Task<absl::Status> UserDirectoryService::ListAccessibleSites(
    CallContext& context, const v1::ListAccessibleSitesRequest& request,
    v1::ListAccessibleSitesResponse* response) {
  CO_TRY(auto question, Read(request, context.call.caller));
  const std::string fingerprint = PageFingerprint("ListAccessibleSites", context.call, request);
  CO_TRY(const auto after, FromNameToken(keys_, fingerprint, request.page_token()));
  if (after) {
    CO_TRY(question.after, model::SiteId::Parse(*after));
  }
  CO_TRY(const auto answer,
         co_await directory_.ListAccessibleSites(context.call, std::move(question)));
  response->set_all_sites(answer.all_sites);
  response->set_position(answer.position);
  for (const model::SiteId& site : answer.sites) response->add_site_ids(site.ToString());
  std::optional<std::string> next;
  if (answer.next) next = answer.next->ToString();
  response->set_next_page_token(ToNameToken(keys_, fingerprint, next));
  co_return absl::OkStatus();
}

}  // namespace usher::server
