#pragma once

#include <string>
#include <vector>

#include "invitations/invitations.h"
#include "model/ids.h"

namespace usher::invitations {

// Invitees as the JSON array from which a statement makes rows, each with its place `n` and the ids
// that it gets if it is invited.
std::string ToJson(const std::vector<Invitee>& invitees, model::IdSource& ids);

// The columns of those rows, for json_to_recordset.
#define USHER_INVITEE_COLUMNS                                                         \
  "n int, id uuid, mail_id uuid, email text, email_key text, first_name text,"        \
  " last_name text, role smallint, site_access smallint, site_group_ids uuid[],"      \
  " site_ids uuid[], locale text, note text, redirect_uri text, redirect_place text," \
  " metadata jsonb"

// Everything that they name, once.
std::vector<model::SiteGroupId> SiteGroupsOf(const std::vector<Invitee>& invitees);
std::vector<model::SiteId> SitesOf(const std::vector<Invitee>& invitees);
std::vector<std::string> AddressesOf(const std::vector<Invitee>& invitees);

}  // namespace usher::invitations
