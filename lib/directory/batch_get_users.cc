#include <map>
#include <utility>

#include "async/try.h"
#include "directory/directory.h"
#include "directory/users.h"
#include "storage/codecs.h"
#include "storage/gate.h"

namespace usher::directory {
namespace {

constexpr std::string_view kPermission = "members.read";

// Each way of asking by its own index.
constexpr pg::Statement kBatchGetUsers{"directory.batch_get_users", R"sql(
  SELECT u.email_key, )sql" USHER_USER_COLUMNS R"sql(
  FROM (SELECT a.id FROM usher.users a WHERE a.id = ANY ($4)
        UNION SELECT a.id FROM usher.users a WHERE a.email_key = ANY ($5)) asked
  JOIN usher.users u ON u.id = asked.id
  CROSS JOIN (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role) gate
  WHERE $2::uuid IS NULL OR u.id = $2
    OR gate.role = ANY ($3) AND EXISTS (
      SELECT FROM usher.memberships m WHERE m.organization_id = $1 AND m.user_id = u.id))sql",
                                       /*read_only=*/true};

}  // namespace

async::Task<absl::StatusOr<std::vector<std::optional<User>>>> Directory::BatchGetUsers(
    const model::Call& call, BatchUsersQuery query) {
  std::vector<model::UserId> ids;
  std::vector<std::string> email_keys;
  for (const UserName& name : query.names) {
    if (name.id) ids.push_back(*name.id);
    if (name.email_key) email_keys.push_back(*name.email_key);
  }
  auto get = pg::Bind(kBatchGetUsers, query.organization, storage::CallingUser(call),
                      storage::GatesFor(kPermission), ids, email_keys);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(get)));

  std::map<model::UserId, User> by_id;
  std::map<std::string, model::UserId> by_email;
  for (const pg::Row row : rows) {
    User user = ReadUser(call, row, 1);
    by_email.emplace(row.Get<std::string>(0), user.id);
    by_id.emplace(user.id, std::move(user));
  }
  std::vector<std::optional<User>> users;
  for (const UserName& name : query.names) {
    std::optional<model::UserId> id = name.id;
    if (name.email_key) {
      const auto known = by_email.find(*name.email_key);
      if (known != by_email.end()) id = known->second;
    }
    const auto found = id ? by_id.find(*id) : by_id.end();
    users.push_back(found == by_id.end() ? std::nullopt : std::optional<User>(found->second));
  }
  co_return users;
}

}  // namespace usher::directory
