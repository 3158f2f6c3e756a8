#include <utility>

#include "async/try.h"
#include "directory/check_access.h"
#include "directory/directory.h"
#include "storage/codecs.h"

namespace usher::directory {
namespace {

// `reach` is which sites: 1 all, 2 those of groups, 3 listed ones, none for none. $4 to $6 are the
// roles that have the permission in the organization, on their site access, and with all sites
// only. Each kind walks its own index from $7, and only the kind that is asked for runs.
constexpr pg::Statement kListAccessibleSites{"directory.list_accessible_sites", R"sql(
  WITH member AS (
    SELECT m.site_group_ids, m.site_ids,
           CASE WHEN m.role = ANY ($4) THEN 1
                WHEN m.role = ANY ($5) THEN m.site_access
                WHEN m.role = ANY ($6) AND m.site_access = 1 THEN 1 END AS reach
    FROM usher.memberships m
    WHERE m.organization_id = $1 AND m.user_id = $3 AND m.status = 1
      AND (m.end_time IS NULL OR m.end_time > usher.now())
  ), found AS (
    (SELECT s.id FROM usher.sites s
     WHERE s.organization_id = $1 AND s.id > $7 AND (SELECT reach FROM member) = 1
     ORDER BY s.id LIMIT $8)
    UNION ALL
    (SELECT DISTINCT g.site_id FROM usher.site_group_sites g
     WHERE g.organization_id = $1 AND g.site_id > $7 AND (SELECT reach FROM member) = 2
       AND g.site_group_id = ANY ((SELECT site_group_ids FROM member)::uuid[])
     ORDER BY g.site_id LIMIT $8)
    UNION ALL
    (SELECT s.id FROM usher.sites s
     WHERE s.organization_id = $1 AND s.id > $7 AND (SELECT reach FROM member) = 3
       AND s.id = ANY ((SELECT site_ids FROM member)::uuid[])
     ORDER BY s.id LIMIT $8)
  )
  SELECT )sql" USHER_CALLER_ROLE R"sql(, coalesce((SELECT reach FROM member) = 1, false),
         )sql" USHER_POSITION_READ R"sql(, found.id
  FROM (SELECT) always LEFT JOIN found ON true ORDER BY found.id)sql",
                                             /*read_only=*/true};

std::vector<int16_t> RolesWith(const std::optional<std::string>& permission, model::Scope scope) {
  std::vector<int16_t> roles;
  for (const model::Role role : model::kRoles) {
    const model::Scope has =
        permission ? model::Grant(role, *permission) : model::Scope::kSiteAccess;
    if (has == scope) roles.push_back(static_cast<int16_t>(role));
  }
  return roles;
}

}  // namespace

async::Task<absl::StatusOr<AccessibleSites>> Directory::ListAccessibleSites(
    const model::Call& call, SitesQuestion question) {
  auto list = pg::Bind(kListAccessibleSites, question.organization, storage::CallingUser(call),
                       question.user, RolesWith(question.permission, model::Scope::kOrganization),
                       RolesWith(question.permission, model::Scope::kSiteAccess),
                       RolesWith(question.permission, model::Scope::kAllSitesOnly),
                       question.after.value_or(model::SiteId()), int64_t{question.page_size} + 1);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(list)));
  CO_CHECK(CheckMayAsk(call, question.user, rows[0].Get<storage::Gate>(0)));
  AccessibleSites answer;
  rows[0].ReadFrom(1, answer.all_sites, answer.position);
  for (const pg::Row row : rows) {
    if (row.IsNull(3)) continue;
    if (std::cmp_equal(answer.sites.size(), question.page_size)) {
      answer.next = answer.sites.back();
      break;
    }
    answer.sites.push_back(row.Get<model::SiteId>(3));
  }
  co_return answer;
}

}  // namespace usher::directory
