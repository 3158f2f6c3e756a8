#include "tests/support/world.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "tests/support/invariants.h"

namespace usher::test {
namespace {

// What a test stands on must hold; a failure here is not what the test is about.
template <class T>
T Must(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "world: %s\n", value.status().ToString().c_str());
  std::abort();
}

pg::PoolOptions PoolOf(const Database& database, int connections) {
  pg::PoolOptions options;
  options.connections = connections;
  options.conninfo = database.conninfo();
  return options;
}

}  // namespace

World::World(invitations::MailMode mail, int connections)
    : db(lane, watcher, helpers, PoolOf(database, connections), observer),
      keys(Must(model::TokenKeys::Parse(model::TokenKeys::Generate()))),
      organizations(db, ids),
      invitations(db, ids, keys, mail),
      directory(db, ids) {
  const auto created = AddOrganization("Acme", "ann@example.com");
  acme = created.organization.id;
  ann = created.first_super_user;
  sites = {AddSite(acme, "Berlin"), AddSite(acme, "Lyon")};
  const model::Call call = CallBy(ann);
  organizations::NewSiteGroup draft{acme, "Germany", "", {sites[0]}};
  group = Must(Wait(organizations.CreateSiteGroup(call, std::move(draft)))).value.id;
}

World::~World() {
  (void)Wait(db.Close());
  lane.Stop();
  if (tampered) return;
  for (const std::string& sentence : BrokenInvariants(database)) ADD_FAILURE() << sentence;
}

model::Call World::CallBy(std::optional<model::UserId> user) const {
  model::Call call;
  call.caller.user = user;
  call.caller.kind = user ? model::Caller::Kind::kUser : model::Caller::Kind::kService;
  if (!user) call.caller.service = "test";
  call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  call.request_id = "test";
  return call;
}

invitations::NewInvitation World::Draft(const std::string& email) const {
  invitations::Invitee invitee{.email = Must(model::Email::Parse(email)),
                               .first_name = "Given",
                               .last_name = "Family",
                               .role = model::Role::kObserver,
                               .locale = "",
                               .note = "",
                               .redirect_uri = std::nullopt,
                               .metadata = {}};
  invitations::InvitationTerms terms;
  terms.organization = acme;
  return invitations::NewInvitation{std::move(terms), std::move(invitee)};
}

invitations::Accepter World::Person(const std::string& email) {
  invitations::Accepter person;
  person.email = Must(model::Email::Parse(email));
  person.email_verified = true;
  return person;
}

absl::StatusOr<invitations::CreatedInvitation> World::Invite(invitations::NewInvitation draft) {
  const model::Call call = CallBy(ann);
  return Wait(invitations.Create(call, std::move(draft)));
}

absl::StatusOr<invitations::Acceptance> World::Accept(const std::string& token,
                                                      invitations::Accepter accepter) {
  const model::Call call = CallBy();
  return Wait(invitations.Accept(call, token, std::move(accepter)));
}

absl::StatusOr<invitations::Invitation> World::Get(model::InvitationId id) {
  const model::Call call = CallBy(ann);
  return Wait(invitations.Get(call, acme, id));
}

std::string World::TokenOf(const invitations::Invitation& invitation) const {
  return model::Derive(
      keys, {invitation.organization, invitation.id, static_cast<uint32_t>(invitation.generation)});
}

model::UserId World::Join(invitations::NewInvitation draft) {
  const std::string email = draft.email.as_typed();
  const auto created = Must(Invite(std::move(draft)));
  return Must(Accept(TokenOf(created.invitation), Person(email))).membership.user.id;
}

organizations::Organizations::Created World::AddOrganization(const std::string& name,
                                                             const std::string& email) {
  const model::Call call = CallBy();
  organizations::NewOrganization draft;
  draft.name = name;
  draft.first_super_user =
      organizations::FirstSuperUser{Must(model::Email::Parse(email)), "Ann", "Example"};
  return Must(Wait(organizations.Create(call, std::move(draft))));
}

model::SiteId World::AddSite(model::OrganizationId in, const std::string& name) {
  const model::Call call = CallBy();
  organizations::NewSite draft;
  draft.organization = in;
  draft.name = name;
  return Must(Wait(organizations.CreateSite(call, std::move(draft)))).value.id;
}

}  // namespace usher::test
