#include "storage/membership_columns.h"

#include "storage/codecs.h"
#include "storage/json.h"
#include "storage/site_access_columns.h"

namespace usher::storage {

model::Membership ReadMembership(const pg::Row& row, int first_column) {
  model::Membership m;
  SiteAccessColumns access;
  std::string metadata;
  row.ReadFrom(first_column, m.organization, m.organization_name, m.user.id, m.user.email,
               m.user.first_name, m.user.last_name, m.user.locale, m.user.revision,
               m.user.last_access_time, m.user.create_time, m.user.update_time, m.role, access.kind,
               access.groups, access.sites, m.status, m.ended, metadata, m.end_time, m.invitation,
               m.revision, m.create_time, m.update_time);
  m.access = access.ToAccess();
  m.metadata = MapFromJson(metadata);
  return m;
}

}  // namespace usher::storage
