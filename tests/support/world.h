#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/helpers.h"
#include "async/lane.h"
#include "async/sync_wait.h"
#include "async/watcher.h"
#include "directory/directory.h"
#include "invitations/invitations.h"
#include "model/ids.h"
#include "model/token.h"
#include "organizations/organizations.h"
#include "pg/pool.h"
#include "tests/support/database.h"
#include "tests/support/recorder.h"

namespace usher::test {

// The use cases over a database of the test's own, on a lane that the test drives.
//
// At its end it fails the test if an invariant is broken (tests/support/invariants.h). It begins
// with the organization "Acme", whose Super User is Ann, with two sites and a group of the first
// one.
class World {
 public:
  explicit World(invitations::MailMode mail = invitations::MailMode::kEnabled, int connections = 4);
  ~World();

  template <class T>
  T Wait(async::Task<T> task) {
    return async::SyncWait(lane, std::move(task));
  }
  // Runs all of them at once.
  template <class T>
  std::vector<T> WaitAll(std::vector<async::Task<T>> tasks) {
    std::vector<T> answers(tasks.size(), absl::UnknownError("not answered"));
    size_t done = 0;
    for (size_t i = 0; i < tasks.size(); ++i) Store(std::move(tasks[i]), &answers[i], &done);
    while (done < answers.size()) lane.RunOnce(lane.now() + std::chrono::seconds(1));
    return answers;
  }

  // A call by a user or, without one, by a service.
  model::Call CallBy(std::optional<model::UserId> user = std::nullopt) const;

  // An Observer with all sites at this address, by Ann.
  invitations::NewInvitation Draft(const std::string& email) const;
  // Someone whose verified address is this.
  static invitations::Accepter Person(const std::string& email);

  absl::StatusOr<invitations::CreatedInvitation> Invite(invitations::NewInvitation draft);
  absl::StatusOr<invitations::Acceptance> Accept(const std::string& token,
                                                 invitations::Accepter accepter);
  absl::StatusOr<invitations::Invitation> Get(model::InvitationId id);
  // The token that the mail of an invitation carries.
  std::string TokenOf(const invitations::Invitation& invitation) const;
  // Invites and accepts; the new member.
  model::UserId Join(invitations::NewInvitation draft);
  // Another organization with its own Super User.
  organizations::Organizations::Created AddOrganization(const std::string& name,
                                                        const std::string& email);
  model::SiteId AddSite(model::OrganizationId in, const std::string& name);

  Database database;
  async::Watcher watcher;
  async::Helpers helpers{2};
  async::Lane lane;
  Recorder observer;
  pg::Pool db;
  model::UuidV7Source ids;
  model::TokenKeys keys;
  organizations::Organizations organizations;
  invitations::Invitations invitations;
  directory::Directory directory;

  model::OrganizationId acme;
  model::UserId ann;
  std::vector<model::SiteId> sites;
  model::SiteGroupId group;
  // Set by a test that has written what no call writes.
  bool tampered = false;

 private:
  template <class T>
  static async::Detached Store(async::Task<T> task, T* answer, size_t* done) {
    *answer = co_await task;
    ++*done;
  }
};

}  // namespace usher::test
