#include <utility>

#include "async/try.h"
#include "model/text.h"
#include "organizations/locks.h"
#include "organizations/organizations.h"
#include "organizations/refusals.h"
#include "organizations/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/gate.h"
#include "storage/origin.h"

namespace usher::organizations {
namespace {

constexpr std::string_view kPermission = "organization.update";
constexpr std::string_view kSettings = "organization.settings.write";

// A setting as it shall be: the parameter, if $9 names it.
#define USHER_WANTED(setting, parameter) \
  "CASE WHEN '" setting "' = ANY ($9) THEN " parameter " ELSE " setting " END AS " setting

// `wanted` is the row as it shall be; nothing is written, and no event, if it is so already.
constexpr pg::Statement kUpdate{"organizations.update", R"sql(
  WITH gate AS (SELECT )sql" USHER_CALLER_ROLE R"sql( AS role),
  found AS (
    SELECT organization.name_key, )sql" USHER_ORGANIZATION_COLUMNS ", " USHER_ORGANIZATION_JSON
R"sql( AS before
    FROM gate, usher.organizations organization WHERE organization.id = $1 AND role = ANY ($3)
  ), wanted AS (
    SELECT organization.name_key, )sql" USHER_ORGANIZATION_COLUMNS R"sql(, before,
           )sql" USHER_ORGANIZATION_JSON R"sql( AS after
    FROM (SELECT id, coalesce($7, name) AS name, coalesce($8, name_key) AS name_key, )sql"
    USHER_WANTED("invitation_lifetime", "$10") ", "
    USHER_WANTED("inviter_departure_policy", "$11") ", "
    USHER_WANTED("allowed_domains", "$12") ", " USHER_WANTED("denied_domains", "$13") ", "
    USHER_WANTED("seat_limit", "$14") ", " USHER_WANTED("seat_mode", "$15") ", "
    USHER_WANTED("pending_limit", "$16") ", " USHER_WANTED("mails_per_hour", "$17") ", "
    USHER_WANTED("mails_per_hour_per_inviter", "$18") ", "
    USHER_WANTED("mails_per_hour_per_recipient", "$19") ", "
    USHER_WANTED("redirect_uris", "$20") ", " USHER_WANTED("default_locale", "$21") ", "
    USHER_WANTED("remind_before_expiry", "$22") ", " USHER_WANTED("notify_inviter", "$23") R"sql(,
                 revision, create_time, update_time, before
          FROM found, gate
          WHERE ($5::bigint IS NULL OR revision = $5)
            AND ($9::text[] = '{}' OR role = ANY ($4))) organization
  ), changed AS (
    UPDATE usher.organizations AS organization
    SET name = w.name, name_key = w.name_key, invitation_lifetime = w.invitation_lifetime,
        inviter_departure_policy = w.inviter_departure_policy,
        allowed_domains = w.allowed_domains, denied_domains = w.denied_domains,
        seat_limit = w.seat_limit, seat_mode = w.seat_mode, pending_limit = w.pending_limit,
        mails_per_hour = w.mails_per_hour,
        mails_per_hour_per_inviter = w.mails_per_hour_per_inviter,
        mails_per_hour_per_recipient = w.mails_per_hour_per_recipient,
        redirect_uris = w.redirect_uris, default_locale = w.default_locale,
        remind_before_expiry = w.remind_before_expiry, notify_inviter = w.notify_inviter,
        revision = organization.revision + 1, update_time = usher.now()
    FROM wanted w
    WHERE organization.id = w.id AND w.before <> w.after
    RETURNING )sql" USHER_ORGANIZATION_COLUMNS R"sql(
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before,
                              after, create_time)
    SELECT w.id, 'organization.updated', w.id, $2, $6::jsonb, )sql"
    USHER_WHAT_DIFFERS("w.before", "w.after") ", "
    USHER_WHAT_DIFFERS("w.after", "w.before") R"sql(, usher.now()
    FROM wanted w, changed
  ), organization AS (
    SELECT )sql" USHER_ORGANIZATION_COLUMNS R"sql( FROM changed organization
    UNION ALL
    SELECT )sql" USHER_ORGANIZATION_COLUMNS R"sql(
    FROM wanted organization WHERE before = after
  ), answer AS (
    SELECT gate.role, found.revision AS found_revision,
           CASE WHEN organization.id IS NOT NULL THEN pg_current_xact_id()::text END AS position,
           )sql" USHER_ORGANIZATION_COLUMNS R"sql(
    FROM gate LEFT JOIN found ON true LEFT JOIN organization ON true
  ), kept AS ()sql" USHER_KEEP_ANSWER("$24", "position IS NOT NULL") R"sql()
  TABLE answer)sql"};

absl::Status NotUpdated(const pg::Row& row, const OrganizationUpdate& update) {
  const auto gate = row.Get<storage::Gate>(0);
  if (auto status = storage::CheckGate(gate, kPermission); !status.ok()) return status;
  if (!update.changed_settings.empty()) {
    if (auto status = storage::CheckGate(gate, kSettings); !status.ok()) return status;
  }
  return ChangedSince("organization");
}

}  // namespace

async::Task<absl::StatusOr<Changed<Organization>>> Organizations::Update(
    const model::Call& call, OrganizationUpdate update) {
  std::optional<std::string> name_key;
  if (update.name) name_key = model::NameKey(*update.name);
  const model::OrganizationSettings& settings = update.settings;
  pg::Batch batch(call.deadline);
  batch.Add(LockOrganization(update.organization));
  batch.Add(pg::Bind(
      kUpdate, update.organization, storage::CallingUser(call), storage::GatesFor(kPermission),
      storage::GatesFor(kSettings), update.revision, storage::Origin(call), update.name, name_key,
      update.changed_settings, settings.invitation_lifetime, settings.inviter_departure_policy,
      settings.allowed_domains, settings.denied_domains, settings.seat_limit, settings.seat_mode,
      settings.pending_limit, settings.mails_per_hour, settings.mails_per_hour_per_inviter,
      settings.mails_per_hour_per_recipient, settings.redirect_uris, settings.default_locale,
      settings.remind_before_expiry, settings.notify_inviter));
  const auto answers = co_await storage::Change(db_, call, std::move(batch));
  if (!answers.ok()) co_return NameTaken(answers.status());
  const pg::Row row = answers->back()[0];
  const auto position = row.Get<std::optional<std::string>>(2);
  if (!position) co_return NotUpdated(row, update);
  co_return Changed<Organization>{ReadOrganization(row, 3, row.Get<storage::Gate>(0)), *position};
}

}  // namespace usher::organizations
