#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {

// What tests of invitations by the dozen share: batches by Ann, and what the database has.
class InvitingTest : public testing::Test {
 protected:
  using Answer = absl::StatusOr<invitations::CreatedInvitation>;
  using Answers = absl::StatusOr<invitations::CreatedInvitations>;

  explicit InvitingTest(int connections = 4)
      : world(invitations::MailMode::kEnabled, connections) {}

  invitations::InvitationTerms Terms() const {
    invitations::InvitationTerms terms;
    terms.organization = world.acme;
    return terms;
  }
  invitations::Invitee To(const std::string& email) const { return world.Draft(email); }
  std::vector<invitations::Invitee> To(const std::vector<std::string>& emails) const {
    std::vector<invitations::Invitee> invitees;
    for (const std::string& email : emails) invitees.push_back(To(email));
    return invitees;
  }
  // "first0@example.com", "first1@example.com" and so on.
  static std::vector<std::string> Emails(const std::string& first, int count) {
    std::vector<std::string> emails;
    for (int i = 0; i < count; ++i) emails.push_back(absl::StrCat(first, i, "@example.com"));
    return emails;
  }
  Answers Batch(std::vector<invitations::Invitee> invitees) {
    return Batch(Terms(), std::move(invitees));
  }
  Answers Batch(invitations::InvitationTerms terms, std::vector<invitations::Invitee> invitees) {
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.invitations.BatchCreate(call, std::move(terms), std::move(invitees)));
  }
  Answer Reinvite(model::InvitationId id) {
    const model::Call call = world.CallBy(world.ann);
    invitations::Renewal renewal{world.acme, id, {}, {}, {}, true};
    return world.Wait(world.invitations.Reinvite(call, renewal));
  }
  absl::Status Cancel(model::InvitationId id) {
    const model::Call call = world.CallBy(world.ann);
    const invitations::Cancellation cancellation{world.acme, id, {}, {}};
    return world.Wait(world.invitations.Cancel(call, cancellation)).status();
  }
  // Of Acme.
  void Set(const std::string& settings) const {
    world.database.Query(
        absl::StrCat("UPDATE usher.organizations SET ", settings, " WHERE name = 'Acme'"));
  }
  int Count(const std::string& table, const std::string& condition = "true") const {
    return std::stoi(world.database.Value(
        absl::StrCat("SELECT count(*) FROM usher.", table, " WHERE ", condition)));
  }
  int Mails() const { return Count("mails"); }
  int Events(const std::string& type) const {
    return Count("events", absl::StrCat("type = '", type, "'"));
  }

  World world;
};

template <class T>
int CountOk(const std::vector<absl::StatusOr<T>>& answers) {
  int count = 0;
  for (const auto& answer : answers) count += answer.ok() ? 1 : 0;
  return count;
}

}  // namespace usher::test
