#include "auth/find_user.h"

#include "async/try.h"
#include "storage/codecs.h"

namespace usher::auth {
namespace {

constexpr pg::Statement kFindUser{"auth.find_user", R"sql(
  SELECT known.user_id, addressed.id,
         EXISTS (SELECT FROM usher.user_identities other
                 WHERE other.user_id = addressed.id AND other.issuer = $1)
  FROM (SELECT $1 AS issuer, $2 AS subject) token
  LEFT JOIN usher.user_identities known USING (issuer, subject)
  LEFT JOIN usher.users addressed ON known.user_id IS NULL AND addressed.email_key = $3)sql",
                                  /*read_only=*/true, /*shares=*/true};

}  // namespace

async::Task<absl::StatusOr<FoundUser>> FindUser(pg::Pool& db, async::Instant deadline,
                                                std::shared_ptr<const Subject> subject) {
  std::optional<std::string> email_key;
  if (subject->email_verified) email_key = subject->email->key();
  auto find = pg::Bind(kFindUser, subject->issuer, subject->subject, email_key);
  CO_TRY(const pg::Rows rows, co_await db.Query(deadline, std::move(find)));

  std::optional<model::UserId> known, addressed;
  FoundUser found;
  rows[0].ReadFrom(0, known, addressed, found.address_of_another);
  found.user = known;
  if (!known && !found.address_of_another) found.user = addressed;
  co_return found;
}

}  // namespace usher::auth
