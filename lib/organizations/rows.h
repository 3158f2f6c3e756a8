#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "model/ids.h"
#include "organizations/organizations.h"
#include "pg/rows.h"
#include "storage/gate.h"

// The columns that ReadSite reads, of a table or CTE named `site`; likewise for the group.
#define USHER_SITE_COLUMNS                                                     \
  "site.organization_id, site.id, site.name, site.description, site.address, " \
  "site.labels::text, site.revision, site.create_time, site.update_time"
// The stored columns from which these are made: for RETURNING, and for WITH queries that are named
// `site` in their turn.
#define USHER_SITE_STORED                                                                   \
  "site.organization_id, site.id, site.name, site.description, site.address, site.labels, " \
  "site.revision, site.create_time, site.update_time"
#define USHER_SITE_GROUP_COLUMNS                                                         \
  "site_group.organization_id, site_group.id, site_group.name, site_group.description, " \
  "site_group.revision, site_group.create_time, site_group.update_time"
#define USHER_ORGANIZATION_COLUMNS                                                               \
  "organization.id, organization.name, organization.invitation_lifetime, "                       \
  "organization.inviter_departure_policy, organization.allowed_domains, "                        \
  "organization.denied_domains, organization.seat_limit, organization.seat_mode, "               \
  "organization.pending_limit, organization.mails_per_hour, "                                    \
  "organization.mails_per_hour_per_inviter, organization.mails_per_hour_per_recipient, "         \
  "organization.redirect_uris, organization.default_locale, organization.remind_before_expiry, " \
  "organization.notify_inviter, organization.revision, "                                         \
  "organization.create_time, organization.update_time"
// An `organization`, `site` or `site_group` as events tell of it.
#define USHER_ORGANIZATION_JSON                                                            \
  "jsonb_build_object('name', organization.name, "                                         \
  "'invitation_lifetime', organization.invitation_lifetime, "                              \
  "'inviter_departure_policy', organization.inviter_departure_policy, "                    \
  "'allowed_domains', organization.allowed_domains, "                                      \
  "'denied_domains', organization.denied_domains, 'seat_limit', organization.seat_limit, " \
  "'seat_mode', organization.seat_mode, 'pending_limit', organization.pending_limit, "     \
  "'mails_per_hour', organization.mails_per_hour, "                                        \
  "'mails_per_hour_per_inviter', organization.mails_per_hour_per_inviter, "                \
  "'mails_per_hour_per_recipient', organization.mails_per_hour_per_recipient, "            \
  "'redirect_uris', organization.redirect_uris, "                                          \
  "'default_locale', organization.default_locale, 'remind_before_expiry', "                \
  "organization.remind_before_expiry, "                                                    \
  "'notify_inviter', organization.notify_inviter)"
#define USHER_SITE_JSON                                                                \
  "jsonb_build_object('name', site.name, 'description', site.description, 'address', " \
  "site.address, 'labels', site.labels)"
#define USHER_SITE_GROUP_JSON \
  "jsonb_build_object('name', site_group.name, 'description', site_group.description)"
// What of the JSON `a` is otherwise in `b`.
#define USHER_WHAT_DIFFERS(a, b)                            \
  "(SELECT jsonb_object_agg(key, value) FROM jsonb_each(" a \
  ")"                                                       \
  " WHERE value IS DISTINCT FROM (" b ") -> key)"

// Whether a membership `m` has not ended, and whether an invitation `i` is PENDING: those name
// sites and groups that must stay.
#define USHER_LASTING_MEMBER "(m.end_time IS NULL OR m.end_time > usher.now())"
#define USHER_PENDING "(i.open AND i.state = 1 AND i.expire_time > usher.now())"

// The ids of a group's sites, which ReadSiteGroup takes.
#define USHER_SITES_OF_GROUP                                                          \
  "ARRAY(SELECT g.site_id FROM usher.site_group_sites g WHERE g.organization_id = $1" \
  " AND g.site_group_id = site_group.id ORDER BY g.site_id)"

// Whether the caller ($1, $2 and a gate's `role`) may see a `site` or `site_group`: $3 the gates
// for all of them, $4 for those of the own site access.
#define USHER_SEES_SITE \
  "(role = ANY ($3) OR role = ANY ($4) AND " USHER_IN_CALLERS_SITE_ACCESS("site.id") ")"
#define USHER_SEES_SITE_GROUP                                                         \
  "(role = ANY ($3) OR role = ANY ($4) AND EXISTS (SELECT FROM usher.memberships own" \
  " WHERE own.organization_id = $1 AND own.user_id = $2"                              \
  " AND (own.site_access = 1 OR site_group.id = ANY (own.site_group_ids))))"

namespace usher::organizations {

Organization ReadOrganization(const pg::Row& row, int first_column);
// With settings, if the role behind the gate has organization.settings.read.
Organization ReadOrganization(const pg::Row& row, int first_column, storage::Gate gate);

Site ReadSite(const pg::Row& row, int first_column);
SiteGroup ReadSiteGroup(const pg::Row& row, int first_column, std::vector<model::SiteId> sites);

}  // namespace usher::organizations
