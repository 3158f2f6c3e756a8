#include "invitations/invitees.h"

#include <nlohmann/json.hpp>
#include <set>

namespace usher::invitations {
namespace {

using nlohmann::json;

template <class Id>
json ToArray(const std::vector<Id>& ids) {
  json array = json::array();
  for (const Id& id : ids) array.push_back(model::FormatUuid(id.uuid()));
  return array;
}

json ToRow(const Invitee& invitee, size_t n, model::IdSource& ids) {
  return {{"n", n},
          {"id", model::FormatUuid(ids.Next())},
          {"mail_id", model::FormatUuid(ids.Next())},
          {"email", invitee.email.as_typed()},
          {"email_key", invitee.email.key()},
          {"first_name", invitee.first_name},
          {"last_name", invitee.last_name},
          {"role", static_cast<int>(invitee.role)},
          {"site_access", static_cast<int>(invitee.access.kind())},
          {"site_group_ids", ToArray(invitee.access.groups())},
          {"site_ids", ToArray(invitee.access.sites())},
          {"locale", invitee.locale},
          {"note", invitee.note},
          {"redirect_uri", invitee.redirect_uri ? invitee.redirect_uri->as_typed() : ""},
          {"redirect_place", invitee.redirect_uri ? invitee.redirect_uri->place() : ""},
          {"metadata", json(invitee.metadata)}};
}

}  // namespace

std::string ToJson(const std::vector<Invitee>& invitees, model::IdSource& ids) {
  json rows = json::array();
  for (size_t n = 0; n < invitees.size(); ++n) rows.push_back(ToRow(invitees[n], n, ids));
  return rows.dump();
}

std::vector<model::SiteGroupId> SiteGroupsOf(const std::vector<Invitee>& invitees) {
  std::set<model::SiteGroupId> groups;
  for (const Invitee& invitee : invitees) {
    groups.insert(invitee.access.groups().begin(), invitee.access.groups().end());
  }
  return {groups.begin(), groups.end()};
}

std::vector<model::SiteId> SitesOf(const std::vector<Invitee>& invitees) {
  std::set<model::SiteId> sites;
  for (const Invitee& invitee : invitees) {
    sites.insert(invitee.access.sites().begin(), invitee.access.sites().end());
  }
  return {sites.begin(), sites.end()};
}

std::vector<std::string> AddressesOf(const std::vector<Invitee>& invitees) {
  std::set<std::string> addresses;
  for (const Invitee& invitee : invitees) addresses.insert(invitee.email.key());
  return {addresses.begin(), addresses.end()};
}

}  // namespace usher::invitations
