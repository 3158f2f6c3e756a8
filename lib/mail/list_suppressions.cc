#include "async/try.h"
#include "mail/suppressions.h"
#include "storage/codecs.h"
#include "storage/paging.h"

namespace usher::mail {
namespace {

// In one of the orders: `key` and the id, in this direction from the cursor ($6, $7 or $8, $9) on.
#define USHER_LIST_SUPPRESSIONS(key, cursor, compare, direction)                              \
  "SELECT s.id, s.organization_id, s.email_key, s.cause, s.detail, s.create_time"             \
  " FROM usher.suppressions s"                                                                \
  " WHERE ($1::text IS NULL OR s.email_key = $1)"                                             \
  " AND ($2::uuid IS NULL OR s.organization_id = $2)"                                         \
  " AND (cardinality($3::smallint[]) = 0 OR s.cause = ANY ($3))"                              \
  " AND ($4::timestamptz IS NULL OR s.create_time >= $4)"                                     \
  " AND ($5::timestamptz IS NULL OR s.create_time < $5)"                                      \
  " AND ($6::timestamptz IS NULL OR $7::text IS NULL OR (" key ", s.id) " compare " (" cursor \
  ", $8::uuid)) ORDER BY " key " " direction ", s.id " direction " LIMIT $9"

constexpr pg::Statement kNewest{"mail.list_suppressions_newest",
                                USHER_LIST_SUPPRESSIONS("s.create_time", "$6", "<", "DESC"),
                                /*read_only=*/true};
constexpr pg::Statement kOldest{"mail.list_suppressions_oldest",
                                USHER_LIST_SUPPRESSIONS("s.create_time", "$6", ">", "ASC"),
                                /*read_only=*/true};
constexpr pg::Statement kByEmail{"mail.list_suppressions_by_email",
                                 USHER_LIST_SUPPRESSIONS("s.email_key", "$7", ">", "ASC"),
                                 /*read_only=*/true};
constexpr pg::Statement kByEmailBackwards{"mail.list_suppressions_by_email_desc",
                                          USHER_LIST_SUPPRESSIONS("s.email_key", "$7", "<", "DESC"),
                                          /*read_only=*/true};

const pg::Statement& StatementOf(const SuppressionQuery& query) {
  if (query.by_email) return query.descending ? kByEmailBackwards : kByEmail;
  return query.descending ? kNewest : kOldest;
}

Suppression ReadSuppression(const pg::Row& row) {
  Suppression s;
  row.ReadFrom(1, s.organization, s.email_key, s.cause, s.detail, s.create_time);
  return s;
}

}  // namespace

async::Task<absl::StatusOr<SuppressionPage>> Suppressions::List(const model::Call& call,
                                                                SuppressionQuery query) {
  std::optional<absl::Time> time;
  std::optional<std::string> email;
  std::optional<model::Uuid> id;
  if (query.after) {
    time = query.after->create_time;
    email = query.after->email_key;
    id = query.after->id;
  }
  auto list = pg::Bind(StatementOf(query), query.email_key, query.organization, query.causes,
                       query.start, query.end, time, email, id, int64_t{query.page_size} + 1);
  CO_TRY(const pg::Rows rows, co_await db_.Query(call.deadline, std::move(list)));
  SuppressionPage page;
  if (storage::TakePage(rows, query.page_size, page.suppressions, ReadSuppression)) {
    const Suppression& last = page.suppressions.back();
    const auto last_id = rows[query.page_size - 1].Get<model::Uuid>(0);
    page.next = SuppressionQuery::Cursor{last.create_time, last.email_key, last_id};
  }
  co_return page;
}

}  // namespace usher::mail
