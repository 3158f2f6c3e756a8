#include "organizations/rows.h"

#include <utility>

#include "storage/codecs.h"
#include "storage/json.h"

namespace usher::organizations {

Organization ReadOrganization(const pg::Row& row, int first_column) {
  Organization organization;
  model::OrganizationSettings& settings = organization.settings;
  row.ReadFrom(first_column, organization.id, organization.name, settings.invitation_lifetime,
               settings.inviter_departure_policy, settings.allowed_domains, settings.denied_domains,
               settings.seat_limit, settings.seat_mode, settings.pending_limit,
               settings.mails_per_hour, settings.mails_per_hour_per_inviter,
               settings.mails_per_hour_per_recipient, settings.redirect_uris,
               settings.default_locale, settings.remind_before_expiry, settings.notify_inviter,
               organization.revision, organization.create_time, organization.update_time);
  return organization;
}

Organization ReadOrganization(const pg::Row& row, int first_column, storage::Gate gate) {
  Organization organization = ReadOrganization(row, first_column);
  organization.settings_visible = storage::CheckGate(gate, "organization.settings.read").ok();
  return organization;
}

Site ReadSite(const pg::Row& row, int first_column) {
  Site site;
  std::string labels;
  row.ReadFrom(first_column, site.organization, site.id, site.name, site.description, site.address,
               labels, site.revision, site.create_time, site.update_time);
  site.labels = storage::MapFromJson(labels);
  return site;
}

SiteGroup ReadSiteGroup(const pg::Row& row, int first_column, std::vector<model::SiteId> sites) {
  SiteGroup group;
  row.ReadFrom(first_column, group.organization, group.id, group.name, group.description,
               group.revision, group.create_time, group.update_time);
  group.sites = std::move(sites);
  return group;
}

}  // namespace usher::organizations
