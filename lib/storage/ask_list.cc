#include "storage/ask_list.h"

#include <utility>

#include "async/try.h"
#include "storage/gate.h"

namespace usher::storage {
namespace {

// The places of the answers in the batch.
constexpr size_t kGate = 0;
constexpr size_t kWalk = 2;
constexpr size_t kCount = 4;
constexpr size_t kAgain = 1;

pg::Batch Walking(const model::Call& call, ListQuestion& question) {
  pg::Batch batch(call.deadline);
  batch.Add(std::move(question.gate));
  batch.Add(PlanForWalk());
  batch.Add(std::move(question.walk));
  if (question.count) {
    batch.Add(PlanForFind());
    batch.Add(*std::move(question.count));
  }
  return batch;
}

pg::Batch Again(const model::Call& call, pg::Bound plan, pg::Bound statement) {
  pg::Batch batch(call.deadline);
  batch.Add(std::move(plan));
  batch.Add(std::move(statement));
  return batch;
}

// Filters that let one row in two hundred pass let so many pass that finding them all takes longer
// than walking on.
bool WorthALongerWalk(const pg::Rows& passed, int32_t page_size) {
  return int64_t{passed.size()} * kMoreRowsForOne >= int64_t{page_size} * kRowsForOne;
}

}  // namespace

async::Task<absl::StatusOr<ListAnswer>> AskList(pg::Pool& db, const model::Call& call,
                                                ListQuestion question) {
  pg::Batch walk = Walking(call, question);
  const bool with_total = walk.items().size() > kCount;
  CO_TRY(std::vector<pg::Rows> walked, co_await db.Run(std::move(walk)));
  CO_CHECK(CheckGate(walked[kGate][0].Get<Gate>(0), question.permission));

  ListAnswer answer{std::move(walked[kWalk])};
  if (with_total) answer.total = walked[kCount][0].Get<int32_t>(0);
  if (!question.find || answer.rows.size() > question.page_size) co_return answer;
  if (WorthALongerWalk(answer.rows, question.page_size)) {
    pg::Batch longer = Again(call, PlanForWalk(), *std::move(question.longer_walk));
    CO_TRY(std::vector<pg::Rows> more, co_await db.Run(std::move(longer)));
    answer.rows = std::move(more[kAgain]);
    if (answer.rows.size() > question.page_size) co_return answer;
  }
  pg::Batch find = Again(call, PlanForFind(), *std::move(question.find));
  CO_TRY(std::vector<pg::Rows> found, co_await db.Run(std::move(find)));
  answer.rows = std::move(found[kAgain]);
  co_return answer;
}

}  // namespace usher::storage
