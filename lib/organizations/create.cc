#include "async/try.h"
#include "model/refusal.h"
#include "model/role.h"
#include "model/text.h"
#include "organizations/organizations.h"
#include "organizations/refusals.h"
#include "organizations/rows.h"
#include "storage/change.h"
#include "storage/codecs.h"
#include "storage/origin.h"

namespace usher::organizations {
namespace {

// $24: whether a user calls, who then is the first Super User and did all of it; $25 and $26: the
// account that they signed in with, which from now on is theirs.
constexpr pg::Statement kCreate{"organizations.create", R"sql(
  WITH organization AS (
    INSERT INTO usher.organizations AS organization (
      id, name, name_key, invitation_lifetime, default_locale, inviter_departure_policy,
      allowed_domains, denied_domains, seat_limit, seat_mode, pending_limit, mails_per_hour,
      mails_per_hour_per_inviter, mails_per_hour_per_recipient, redirect_uris,
      remind_before_expiry, notify_inviter, create_time, update_time)
    SELECT $1, $2, $3, $4, $5, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $27, $28,
           usher.now(), usher.now()
    WHERE $6::uuid IS NULL OR EXISTS (SELECT FROM usher.users WHERE id = $6)
    ON CONFLICT (name_key) DO NOTHING
    RETURNING )sql" USHER_ORGANIZATION_COLUMNS R"sql(
  ), known AS (
    SELECT id, email, first_name, last_name FROM usher.users
    WHERE id = $6 OR $6 IS NULL AND email_key = $9
  ), added AS (
    INSERT INTO usher.users (id, email, email_key, first_name, last_name, create_time, update_time)
    SELECT $7, $8, $9, $10, $11, usher.now(), usher.now() FROM organization
    WHERE $6 IS NULL AND NOT EXISTS (SELECT FROM known)
    ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
    RETURNING id, email, first_name, last_name, xmax = 0 AS added
  ), person AS (
    SELECT id, email, first_name, last_name, false AS added FROM known
    UNION ALL SELECT id, email, first_name, last_name, added FROM added
  ), identity AS (
    INSERT INTO usher.user_identities (issuer, subject, user_id, create_time)
    SELECT $25, $26, person.id, usher.now() FROM organization, person WHERE $24 AND $25 <> ''
    ON CONFLICT DO NOTHING
  ), membership AS (
    INSERT INTO usher.memberships (organization_id, user_id, role, site_access,
                                   create_time, update_time)
    SELECT o.id, person.id, $12, 1, usher.now(), usher.now()
    FROM organization o, person
    RETURNING user_id
  ), event AS (
    INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, after,
                              create_time)
    SELECT organization.id, 'organization.created', organization.id,
           CASE WHEN $24 THEN m.user_id END, $13::jsonb,
           )sql" USHER_ORGANIZATION_JSON R"sql(, usher.now()
    FROM organization, membership m
    UNION ALL
    SELECT o.id, 'membership.created', m.user_id, CASE WHEN $24 THEN m.user_id END, $13::jsonb,
           jsonb_build_object('user_id', m.user_id, 'role', $12, 'site_access', 1), usher.now()
    FROM organization o, membership m
  ), answer AS (
    SELECT person.id AS user_id, person.added, person.email, person.first_name, person.last_name,
           pg_current_xact_id()::text AS position, )sql" USHER_ORGANIZATION_COLUMNS R"sql(
    FROM organization, person
  ), kept AS ()sql" USHER_KEEP_ANSWER("$29", "true") R"sql()
  TABLE answer)sql"};

constexpr pg::Statement kKnowsUser{"organizations.knows_user", R"sql(
  SELECT FROM usher.users WHERE id = $1)sql",
                                   /*read_only=*/true, /*shares=*/true};

absl::Status UnknownCaller() {
  return model::Refuse(absl::StatusCode::kUnauthenticated, model::Reason::kCallerUnknown,
                       "The calling user does not exist.");
}

}  // namespace

async::Task<absl::StatusOr<Organizations::Created>> Organizations::Create(const model::Call& call,
                                                                          NewOrganization draft) {
  // The calling user's own row is used when no other person is named.
  std::optional<model::UserId> self;
  std::optional<std::string> email, email_key, first_name, last_name;
  if (const auto& person = draft.first_super_user) {
    email = person->email.as_typed();
    email_key = person->email.key();
    first_name = person->first_name;
    last_name = person->last_name;
  } else {
    self = call.caller.user;
  }
  const model::OrganizationId id(ids_.Next());
  const model::UserId user(ids_.Next());
  const model::OrganizationSettings& settings = draft.settings;
  const model::Caller& caller = call.caller;
  const bool by_user = caller.kind == model::Caller::Kind::kUser;
  auto create =
      pg::Bind(kCreate, id, draft.name, model::NameKey(draft.name), settings.invitation_lifetime,
               settings.default_locale, self, user, email, email_key, first_name, last_name,
               model::Role::kSuperUser, storage::Origin(call), settings.inviter_departure_policy,
               settings.allowed_domains, settings.denied_domains, settings.seat_limit,
               settings.seat_mode, settings.pending_limit, settings.mails_per_hour,
               settings.mails_per_hour_per_inviter, settings.mails_per_hour_per_recipient,
               settings.redirect_uris, by_user, caller.identity.issuer, caller.identity.subject,
               settings.remind_before_expiry, settings.notify_inviter);
  pg::Batch batch(call.deadline, std::move(create));
  CO_TRY(const auto answers, co_await storage::Change(db_, call, std::move(batch)));
  const pg::Rows& rows = answers.back();
  if (rows.empty() && self) {
    auto ask = pg::Bind(kKnowsUser, *self);
    CO_TRY(const pg::Rows known, co_await db_.Query(call.deadline, std::move(ask)));
    if (known.empty()) co_return UnknownCaller();
  }
  if (rows.empty()) co_return OrganizationExists();

  Created created;
  rows[0].ReadFrom(0, created.first_super_user, created.user_added, created.email,
                   created.first_name, created.last_name, created.position);
  created.organization = ReadOrganization(rows[0], 6);
  co_return created;
}

}  // namespace usher::organizations
