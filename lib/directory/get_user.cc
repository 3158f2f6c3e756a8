#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/rows.h"
#include "directory/users.h"
#include "storage/codecs.h"
#include "storage/gate.h"

// The user of a UserName: $3 the id, $4 the e-mail key, $5 and $6 the identity.
#define USHER_ASKED_USER                                                    \
  "coalesce($3, (SELECT a.id FROM usher.users a WHERE a.email_key = $4), "  \
  "(SELECT a.user_id FROM usher.user_identities a WHERE a.issuer = $5 AND " \
  "a.subject = $6))"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

constexpr pg::Statement kGetUser{"directory.get_user", R"sql(
  SELECT )sql" USHER_CALLER_ROLE R"sql(, u.id IS NOT NULL,
         EXISTS (SELECT FROM usher.memberships m
                 WHERE m.organization_id = $1 AND m.user_id = u.id), )sql" USHER_USER_COLUMNS R"sql(
  FROM (SELECT )sql" USHER_ASKED_USER R"sql( AS id) asked
  LEFT JOIN usher.users u ON u.id = asked.id)sql",
                                 /*read_only=*/true, /*shares=*/true};

// All of them to services and to oneself; else the one by which the caller sees the user.
constexpr pg::Statement kMembershipsOfUser{"directory.memberships_of_user", R"sql(
  SELECT )sql" USHER_MEMBERSHIP_COLUMNS R"sql(
  FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id
  JOIN usher.organizations o ON o.id = m.organization_id
  WHERE m.user_id = )sql" USHER_ASKED_USER R"sql(
    AND ($2::uuid IS NULL OR m.user_id = $2 OR m.organization_id = $1)
  ORDER BY o.name_key)sql",
                                           /*read_only=*/true};

pg::Bound BindName(const pg::Statement& statement, const model::Call& call,
                   const UserQuery& query) {
  std::optional<std::string> issuer;
  std::optional<std::string> subject;
  if (const auto& identity = query.name.identity) {
    issuer = identity->issuer;
    subject = identity->subject;
  }
  return pg::Bind(statement, query.organization, storage::CallingUser(call), query.name.id,
                  query.name.email_key, issuer, subject);
}

// Whether somebody who is neither a service nor the user themselves may see the user.
absl::Status CheckSeen(const UserQuery& query, storage::Gate gate, bool member) {
  if (!query.organization) return NoUser();
  const auto allowed = storage::CheckGate(gate, kPermission);
  if (!allowed.ok()) return allowed;
  return member ? absl::OkStatus() : NoUser();
}

}  // namespace

async::Task<absl::StatusOr<UserWithMemberships>> Directory::GetUser(const model::Call& call,
                                                                    UserQuery query) {
  pg::Batch batch(call.deadline);
  batch.Add(BindName(kGetUser, call, query));
  if (query.with_memberships) batch.Add(BindName(kMembershipsOfUser, call, query));
  CO_TRY(const std::vector<pg::Rows> answers, co_await db_.Run(std::move(batch)));
  const pg::Row row = answers[0][0];
  const bool found = row.Get<bool>(1);
  UserWithMemberships answer;
  if (found) answer.user = ReadUser(call, row, 3);
  const auto caller = storage::CallingUser(call);
  const bool own = found && caller == answer.user.id;
  if (caller && !own) {
    CO_CHECK(CheckSeen(query, row.Get<storage::Gate>(0), row.Get<bool>(2)));
  }
  if (!found) co_return NoUser();
  if (query.with_memberships) {
    for (const pg::Row membership : answers[1]) {
      answer.memberships.push_back(directory::ReadMembership(membership, 0));
    }
  }
  co_return answer;
}

async::Task<absl::StatusOr<UserWithMemberships>> Directory::GetSelf(const model::Call& call) {
  UserQuery query;
  query.name.id = storage::CallingUser(call);
  query.with_memberships = true;
  co_return co_await GetUser(call, std::move(query));
}

}  // namespace usher::directory
