#include "async/try.h"
#include "invitations/invitations.h"
#include "invitations/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::invitations {
namespace {

constexpr std::string_view kPermission = "invitations.write";

// Each is over since the time that its state brought.
constexpr pg::Statement kPurge{"invitations.purge", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT i.id, )sql" USHER_INVITATION_STATE R"sql( AS seen
    FROM usher.invitations i, gate
    WHERE i.organization_id = $1 AND gate.role = ANY ($3)
      AND )sql" USHER_INVITATION_STATE R"sql( = ANY ($4)
      AND CASE i.state WHEN 3 THEN i.decline_time WHEN 4 THEN i.cancel_time ELSE i.expire_time END
          <= usher.now() - $5::interval
    ORDER BY i.create_time, i.id LIMIT $6 FOR UPDATE OF i
  ), deleted AS ()sql" USHER_DELETE_INVITATIONS("true") R"sql(
  ), event AS ()sql" USHER_DELETED_EVENTS("$7") R"sql(
  ), answer AS (
    SELECT gate.role, (SELECT count(*)::int FROM deleted) AS purged, pg_current_xact_id()::text
    FROM gate
  ), kept AS ()sql" USHER_KEEP_ANSWER("$8", "purged > 0") R"sql()
  TABLE answer)sql"};

}  // namespace

async::Task<absl::StatusOr<Purged>> Invitations::Purge(const model::Call& call, PurgeQuery query) {
  auto purge = pg::Bind(kPurge, query.organization, storage::CallingUser(call),
                        storage::GatesFor(kPermission), query.states, query.min_age, kMostPurged,
                        storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(purge));
  CO_TRY(const auto rows, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Row row = rows.back()[0];
  CO_CHECK(storage::CheckGate(row.Get<storage::Gate>(0), kPermission));
  Purged purged;
  purged.count = row.Get<int32_t>(1);
  if (purged.count > 0) purged.position = row.Get<std::string>(2);
  co_return purged;
}

}  // namespace usher::invitations
