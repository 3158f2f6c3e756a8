#include "async/try.h"
#include "directory/directory.h"
#include "directory/rows.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/site_access_columns.h"

namespace usher::directory {
namespace {

// Who may ask about others.
constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kCheckAccess{"directory.check_access", R"sql(
  SELECT gate.role, m.role, m.site_access, m.status, )sql" USHER_MEMBERSHIP_ENDED R"sql(,
         EXISTS (SELECT FROM usher.sites s WHERE s.organization_id = $1 AND s.id = $4),
         coalesce(CASE m.site_access
           WHEN 1 THEN true
           WHEN 2 THEN EXISTS (
             SELECT FROM usher.site_group_sites g
             WHERE g.organization_id = $1 AND g.site_id = $4
               AND g.site_group_id = ANY (m.site_group_ids))
           ELSE $4 = ANY (m.site_ids) END, false)
  FROM (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  LEFT JOIN usher.memberships m ON m.organization_id = $1 AND m.user_id = $3)sql",
                                     /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<model::AccessDecision>> Directory::CheckAccess(const model::Call& call,
                                                                          AccessQuestion question) {
  auto check = pg::Bind(kCheckAccess, question.organization, storage::CallingUser(call),
                        question.user, question.site);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(check)));
  storage::Gate gate;
  std::optional<model::Role> role;
  std::optional<int16_t> site_access;
  std::optional<model::MembershipStatus> status;
  model::AccessFacts facts;
  rows[0].ReadFrom(0, gate, role, site_access, status, facts.ended, facts.site_exists,
                   facts.site_in_access);
  const bool about_self = call.caller.user == question.user;
  const bool service = !storage::CallingUser(call);
  if (!about_self && !service) CO_CHECK(storage::CheckGate(gate, kPermission));

  facts.role = role;
  facts.all_sites = site_access == static_cast<int16_t>(model::SiteAccess::Kind::kAllSites);
  facts.suspended = status == model::MembershipStatus::kSuspended;
  facts.site_asked = question.site.has_value();
  co_return model::Decide(facts, question.permission);
}

}  // namespace usher::directory
