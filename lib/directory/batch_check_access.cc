#include <utility>

#include "async/try.h"
#include "directory/check_access.h"
#include "directory/directory.h"
#include "storage/codecs.h"

namespace usher::directory {
namespace {

// Each question by its own index look-ups, in one statement and so from one state. A nil site is
// none.
constexpr pg::Statement kBatchCheckAccess{"directory.batch_check_access", R"sql(
  SELECT CASE WHEN q.user_id <> $2 THEN )sql" USHER_CALLER_ROLE_IN("q.organization_id") R"sql( END,
         )sql" USHER_FACTS_SOURCE ", " USHER_ACCESS_FACTS("q.organization_id", "q.site_id") R"sql(
  FROM unnest($1::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY
         q (organization_id, user_id, site_id, number)
  LEFT JOIN LATERAL (
    SELECT )sql" USHER_ACCESS_COLUMNS R"sql( FROM usher.memberships m
    WHERE m.organization_id = q.organization_id AND m.user_id = q.user_id OFFSET 0) m ON true
  ORDER BY q.number)sql",
                                          /*read_only=*/true};

pg::Bound BindQuestions(const model::Call& call, const std::vector<AccessQuestion>& questions) {
  std::vector<model::OrganizationId> organizations;
  std::vector<model::UserId> users;
  std::vector<model::SiteId> sites;
  for (const AccessQuestion& question : questions) {
    organizations.push_back(question.organization);
    users.push_back(question.user);
    sites.push_back(question.site.value_or(model::SiteId()));
  }
  return pg::Bind(kBatchCheckAccess, organizations, storage::CallingUser(call), users, sites);
}

}  // namespace

// All of them, so that they are of one state.
std::optional<AccessAnswers> Directory::DecideAllByCopy(
    const model::Call& call, const std::vector<AccessQuestion>& questions,
    const model::Consistency& consistency) {
  AccessAnswers answers;
  for (const AccessQuestion& question : questions) {
    const auto decision = DecideByCopy(call, question, consistency);
    if (!decision) return std::nullopt;
    answers.decisions.push_back(*decision);
  }
  for (const AccessQuestion& question : questions) NoteAccess(question.user);
  answers.position = copy_->position().ToString();
  return answers;
}

async::Task<absl::StatusOr<AccessAnswers>> Directory::BatchCheckAccess(
    const model::Call& call, std::vector<AccessQuestion> questions,
    model::Consistency consistency) {
  if (auto known = DecideAllByCopy(call, questions, consistency)) co_return *std::move(known);
  auto check = BindQuestions(call, questions);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(check)));
  AccessAnswers answers;
  for (const pg::Row row : rows) {
    const AccessQuestion& question = questions[answers.decisions.size()];
    CO_CHECK(CheckMayAsk(call, question.user, row.Get<storage::Gate>(0)));
    const FactsRow facts(row, 1);
    answers.decisions.push_back(DecideByRow(facts, question));
    answers.position = facts.source.position.ToString();
  }
  for (const AccessQuestion& question : questions) NoteAccess(question.user);
  co_return answers;
}

}  // namespace usher::directory
