#include "directory/check_access.h"

#include "async/try.h"
#include "directory/directory.h"
#include "storage/codecs.h"

namespace usher::directory {
namespace {

// Who may ask about others.
constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kCheckAccess{"directory.check_access", R"sql(
  SELECT gate.role, )sql" USHER_POSITION_READ ", " USHER_ACCESS_FACTS("$1", "$4") R"sql(
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.memberships m ON m.organization_id = $1 AND m.user_id = $3)sql",
                                     /*read_only=*/true, /*shares=*/true};

}  // namespace

absl::Status CheckMayAsk(const model::Call& call, model::UserId user, storage::Gate gate) {
  const auto caller = storage::CallingUser(call);
  if (!caller || *caller == user) return absl::OkStatus();
  return storage::CheckGate(gate, kPermission);
}

model::AccessDecision Decide(const pg::Row& row, int first_column, const AccessQuestion& question) {
  std::optional<int16_t> site_access;
  std::optional<model::MembershipStatus> status;
  model::AccessFacts facts;
  row.ReadFrom(first_column, facts.role, site_access, status, facts.ended, facts.site_exists,
               facts.site_in_access);
  facts.all_sites = site_access == static_cast<int16_t>(model::SiteAccess::Kind::kAllSites);
  facts.suspended = status == model::MembershipStatus::kSuspended;
  facts.site_asked = question.site.has_value();
  return model::Decide(facts, question.permission);
}

async::Task<absl::StatusOr<AccessAnswer>> Directory::CheckAccess(const model::Call& call,
                                                                 AccessQuestion question) {
  auto check = pg::Bind(kCheckAccess, question.organization, storage::CallingUser(call),
                        question.user, question.site);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(check)));
  CO_CHECK(CheckMayAsk(call, question.user, rows[0].Get<storage::Gate>(0)));
  NoteAccess(question.user);
  co_return AccessAnswer{Decide(rows[0], 2, question), rows[0].Get<std::string>(1)};
}

}  // namespace usher::directory
