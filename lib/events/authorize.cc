#include "async/try.h"
#include "events/events.h"
#include "events/rights.h"
#include "model/refusal.h"
#include "storage/codecs.h"

namespace usher::events {
namespace {

// $1 and $2 as the gate has them, $3 the user whose events are read.
constexpr pg::Statement kAuthorize{"events.authorize",
                                   "SELECT " USHER_EVENT_READER
                                   ", EXISTS (SELECT FROM usher.users u WHERE u.id = $3)",
                                   /*read_only=*/true};

absl::Status NoSuchUser() {
  return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kUserNotFound,
                       "There is no such user.");
}

}  // namespace

// Nobody but services reads what is about others in all organizations.
async::Task<absl::StatusOr<Horizon>> Events::Authorize(const model::Call& call,
                                                       const Scope& scope) {
  const auto caller = storage::CallingUser(call);
  if (scope.user && caller && *caller != *scope.user) co_return NoSuchUser();
  pg::Batch batch(call.deadline);
  batch.Add(AskHorizon());
  batch.Add(pg::Bind(kAuthorize, scope.organization, caller, scope.user));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  const pg::Row row = answers[1][0];
  if (scope.organization) {
    CO_CHECK(CheckReader(row));
  }
  if (scope.user && !row.Get<bool>(2)) co_return NoSuchUser();
  co_return ReadHorizon(answers[0][0]);
}

}  // namespace usher::events
