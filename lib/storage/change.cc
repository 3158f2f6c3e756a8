#include "storage/change.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "async/try.h"
#include "model/digest.h"
#include "model/refusal.h"
#include "pg/errors.h"

namespace usher::storage {
namespace {

using Answers = std::vector<pg::Rows>;
using absl::StatusCode;
using model::Reason;

constexpr pg::Statement kRecall{"storage.recall", R"sql(
  SELECT content, form, answer FROM usher.requests
  WHERE caller = $1 AND request_id = $2 AND create_time > usher.now() - interval '24 hours')sql",
                                /*read_only=*/true,
                                /*shares=*/true};

// Every kind of caller has names of its own.
std::string NameOf(const model::Caller& caller) {
  std::string name = absl::StrCat("service=", caller.service);
  if (caller.user) return absl::StrCat(name, " user=", caller.user->ToString());
  if (caller.email) return absl::StrCat(name, " email=", caller.email->key());
  return name;
}

// What USHER_KEEP_ANSWER gets.
struct Kept {
  std::string caller;
  std::string id;
  std::string content;
  std::string form;
};

std::optional<std::vector<std::string>> Parameter(const std::optional<Kept>& kept) {
  if (!kept) return std::nullopt;
  return std::vector<std::string>{kept->caller, kept->id, kept->content, kept->form};
}

std::optional<Kept> WhatToKeep(const model::Call& call, const pg::Bound& change) {
  if (call.change_id.empty() || call.validate_only) return std::nullopt;
  return Kept{NameOf(call.caller), call.change_id, call.change_content,
              model::Digest(change.statement().sql)};
}

absl::StatusOr<std::optional<Answers>> ReadKept(const pg::Rows& rows, const Kept& kept) {
  if (rows.empty()) return std::nullopt;
  const pg::Row row = rows[0];
  if (row.Get<std::string>(0) != kept.content) {
    return model::Refuse(StatusCode::kInvalidArgument, Reason::kRequestIdReused,
                         "This request_id belongs to another call of the last 24 hours.");
  }
  if (row.Get<std::string>(1) != kept.form) {
    return model::Refuse(StatusCode::kAborted, Reason::kConflict,
                         "This call was answered by another release; read the present state.");
  }
  Answers answers;
  answers.push_back(pg::Rows::FromRecords(row.Get<std::vector<pg::Bytes>>(2)));
  return answers;
}

// The answer that a call of this name has got, if any.
async::Task<absl::StatusOr<std::optional<Answers>>> Recall(pg::Pool& db, const model::Call& call,
                                                           const Kept& kept) {
  auto recall = pg::Bind(kRecall, kept.caller, kept.id);
  CO_TRY(const pg::Rows rows, co_await db.Query(call.deadline, std::move(recall)));
  co_return ReadKept(rows, kept);
}

// Another call of this name came first, and this one was undone.
bool LostTheRace(const absl::Status& status) {
  return pg::ConstraintOf(status) == "requests_content_check";
}

}  // namespace

async::Task<absl::StatusOr<Answers>> Change(pg::Pool& db, const model::Call& call,
                                            pg::Batch batch) {
  const std::optional<Kept> kept = WhatToKeep(call, batch.last());
  batch.last().Add(Parameter(kept));
  if (call.validate_only) batch.RollBack();
  if (!kept) co_return co_await db.Run(std::move(batch));

  CO_TRY(std::optional<Answers> earlier, co_await Recall(db, call, *kept));
  if (earlier) co_return *std::move(earlier);
  // Asked again after the change, for one of the same name that was made meanwhile and stood in
  // the way of this one.
  batch.Add(pg::Bind(kRecall, kept->caller, kept->id));
  absl::StatusOr<Answers> answers = co_await db.Run(std::move(batch));
  if (!answers.ok()) {
    if (!LostTheRace(answers.status())) co_return answers.status();
    CO_TRY(std::optional<Answers> first, co_await Recall(db, call, *kept));
    if (first) co_return *std::move(first);
    co_return model::Refuse(StatusCode::kAborted, Reason::kConflict,
                            "Another call had this request_id at the same time; try again.");
  }
  CO_TRY(std::optional<Answers> made, ReadKept(answers->back(), *kept));
  if (made) co_return *std::move(made);
  answers->pop_back();
  co_return answers;
}

}  // namespace usher::storage
