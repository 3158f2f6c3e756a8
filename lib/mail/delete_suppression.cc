#include "async/try.h"
#include "mail/suppressions.h"
#include "model/refusal.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/origin.h"

namespace usher::mail {
namespace {

constexpr pg::Statement kDelete{"mail.delete_suppression", R"sql(
  WITH deleted AS (
    DELETE FROM usher.suppressions
    WHERE email_key = $1 AND organization_id IS NOT DISTINCT FROM $2::uuid
    RETURNING organization_id, id, email_key, cause, detail, create_time
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, origin, before, create_time)
    SELECT coalesce(deleted.organization_id, '00000000-0000-0000-0000-000000000000'),
           'suppression.deleted', deleted.id, $3::jsonb,
           jsonb_build_object('email', deleted.email_key, 'cause', deleted.cause, 'detail',
                              deleted.detail, 'create_time', deleted.create_time),
           usher.now()
    FROM deleted
  ), answer AS (
    SELECT pg_current_xact_id()::text AS position FROM deleted
  ), kept AS ()sql" USHER_KEEP_ANSWER("$4", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

}  // namespace

async::Task<absl::StatusOr<std::string>> Suppressions::Delete(
    const model::Call& call, std::string email_key,
    std::optional<model::OrganizationId> organization) {
  auto bound = pg::Bind(kDelete, email_key, organization, storage::Origin(call));
  pg::Batch batch(call.deadline, std::move(bound));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  if (answers.back().empty()) {
    co_return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kSuppressionNotFound,
                            "This address is not suppressed.");
  }
  co_return answers.back()[0].Get<std::string>(0);
}

}  // namespace usher::mail
