#include "directory/check_access.h"

#include "async/try.h"
#include "directory/directory.h"
#include "storage/codecs.h"
#include "storage/site_access_columns.h"

namespace usher::directory {
namespace {

// Who may ask about others.
constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kCheckAccess{"directory.check_access", R"sql(
  SELECT gate.role, )sql" USHER_FACTS_SOURCE ", " USHER_ACCESS_FACTS("$1", "$4") R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.memberships m ON m.organization_id = $1 AND m.user_id = $3)sql",
                                     /*read_only=*/true, /*shares=*/true};

// Who asks about others needs a right, of which the copy does not know.
bool IsFree(const model::Call& call, model::UserId user) {
  const auto caller = storage::CallingUser(call);
  return !caller || *caller == user;
}

}  // namespace

absl::Status CheckMayAsk(const model::Call& call, model::UserId user, storage::Gate gate) {
  return IsFree(call, user) ? absl::OkStatus() : storage::CheckGate(gate, kPermission);
}

FactsRow::FactsRow(const pg::Row& row, int first_column) {
  std::string position;
  std::optional<model::Role> role;
  std::optional<model::MembershipStatus> status;
  std::optional<absl::Time> end_time;
  std::optional<int16_t> access_kind;
  row.ReadFrom(first_column, position, source.server, now, role, status, end_time, access_kind);
  source.position = *model::Position::Parse(position);
  row.ReadFrom(first_column + 9, site.exists, site.groups);
  if (!role) return;
  storage::SiteAccessColumns access;
  row.ReadFrom(first_column + 6, access.kind, access.groups, access.sites);
  member = MemberFacts{*role, *status, end_time, access.ToAccess()};
}

std::optional<model::AccessDecision> Directory::DecideByCopy(
    const model::Call& call, const AccessQuestion& question,
    const model::Consistency& consistency) {
  if (copy_ == nullptr || !IsFree(call, question.user)) return std::nullopt;
  return copy_->Decide(question.organization, question.user, question.site, question.permission,
                       consistency);
}

model::AccessDecision Directory::DecideByRow(const FactsRow& facts,
                                             const AccessQuestion& question) {
  if (copy_ != nullptr) {
    copy_->Keep(facts.source, question.organization, question.user, facts.member);
    if (question.site) {
      copy_->Keep(facts.source, question.organization, *question.site, facts.site);
    }
  }
  return directory::Decide(facts.member, question.site, facts.site, facts.now, question.permission);
}

async::Task<absl::StatusOr<AccessAnswer>> Directory::CheckAccess(const model::Call& call,
                                                                 AccessQuestion question,
                                                                 model::Consistency consistency) {
  if (const auto decision = DecideByCopy(call, question, consistency)) {
    NoteAccess(question.user);
    co_return AccessAnswer{*decision, copy_->position().ToString()};
  }
  auto check = pg::Bind(kCheckAccess, question.organization, storage::CallingUser(call),
                        question.user, question.site);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(check)));
  CO_CHECK(CheckMayAsk(call, question.user, rows[0].Get<storage::Gate>(0)));
  NoteAccess(question.user);
  const FactsRow facts(rows[0], 1);
  const model::AccessDecision decision = DecideByRow(facts, question);
  co_return AccessAnswer{decision, facts.source.position.ToString()};
}

}  // namespace usher::directory
