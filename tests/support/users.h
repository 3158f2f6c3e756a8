#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/members.h"

namespace usher::test {

// What the tests of users as such share; calls are a service's unless another caller is named.
class UserChangesTest : public MembersTest {
 protected:
  using Changed = absl::StatusOr<directory::ChangedUser>;

  static model::Email Address(const std::string& text) { return *model::Email::Parse(text); }
  static directory::NewUser ADraft(const std::string& email) {
    return {Address(email), "Given", "Family", "en", {}};
  }
  Changed Create(directory::NewUser draft) {
    const model::Call call = world.CallBy();
    return world.Wait(world.directory.CreateUser(call, std::move(draft)));
  }
  static directory::KnownPerson APerson(const std::string& subject, const std::string& email) {
    return {{"https://id.example.com", subject}, Address(email), "Given", "Family", ""};
  }
  Changed Upsert(directory::KnownPerson person) {
    const model::Call call = world.CallBy();
    return world.Wait(world.directory.UpsertUser(call, std::move(person)));
  }
  Changed Change(const model::Call& call, directory::UserUpdate update) {
    return world.Wait(world.directory.UpdateUser(call, std::move(update)));
  }
  std::string Users() const { return world.database.Value("SELECT count(*) FROM usher.users"); }

  static std::vector<std::string> SubjectsOf(const directory::User& user) {
    std::vector<std::string> subjects;
    for (const auto& identity : user.identities) subjects.push_back(identity.subject);
    return subjects;
  }
};

}  // namespace usher::test
