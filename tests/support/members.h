#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {

// What the tests of memberships share: short names for the calls, by Ann unless another is named.
class MembersTest : public testing::Test {
 protected:
  using Answer = absl::StatusOr<directory::ChangedMembership>;

  model::UserId Join(const std::string& email, model::Role role,
                     const model::SiteAccess& access = model::SiteAccess::All()) {
    auto draft = world.Draft(email);
    draft.role = role;
    draft.access = access;
    return world.Join(draft);
  }
  model::UserId JoinSuperUser(const std::string& email) {
    return Join(email, model::Role::kSuperUser);
  }
  directory::MembershipName Name(model::UserId user) const {
    return {world.acme, user, std::nullopt};
  }
  directory::MembershipUpdate RoleOf(model::UserId user, model::Role role) const {
    directory::MembershipUpdate update;
    update.name = Name(user);
    update.role = role;
    return update;
  }
  Answer Update(directory::MembershipUpdate update) { return UpdateBy(world.ann, update); }
  Answer UpdateBy(std::optional<model::UserId> caller, directory::MembershipUpdate update) {
    const model::Call call = world.CallBy(caller);
    return world.Wait(world.directory.UpdateMembership(call, std::move(update)));
  }
  Answer Suspend(model::UserId user) { return SuspendBy(world.ann, user); }
  Answer SuspendBy(std::optional<model::UserId> caller, model::UserId user) {
    const model::Call call = world.CallBy(caller);
    directory::MembershipChange change{Name(user), std::nullopt};
    return world.Wait(world.directory.SuspendMembership(call, std::move(change)));
  }
  Answer Reactivate(model::UserId user) { return ReactivateBy(world.ann, user); }
  Answer ReactivateBy(std::optional<model::UserId> caller, model::UserId user) {
    const model::Call call = world.CallBy(caller);
    directory::MembershipChange change{Name(user), std::nullopt};
    return world.Wait(world.directory.ReactivateMembership(call, std::move(change)));
  }
  Answer Revoke(model::UserId user) { return RevokeBy(world.ann, user); }
  Answer RevokeBy(std::optional<model::UserId> caller, model::UserId user) {
    const model::Call call = world.CallBy(caller);
    directory::MembershipChange change{Name(user), std::nullopt};
    return world.Wait(world.directory.RevokeMembership(call, std::move(change)));
  }
  absl::StatusOr<std::string> Leave(model::UserId user) {
    const model::Call call = world.CallBy(user);
    return world.Wait(world.directory.LeaveOrganization(call, world.acme));
  }
  // An outcome that needs no call: what the database has.
  std::string Value(const std::string& expression, model::UserId user) const {
    return world.database.Value(absl::StrCat("SELECT (", expression,
                                             ")::text FROM usher.memberships WHERE user_id = '",
                                             model::FormatUuid(user.uuid()), "'"));
  }
  void SetMembership(const std::string& change, model::UserId user) const {
    world.database.Query(absl::StrCat("UPDATE usher.memberships SET ", change, " WHERE user_id = '",
                                      model::FormatUuid(user.uuid()), "'"));
  }
  // "before → after" of each event of a type.
  std::vector<std::string> Events(const std::string& type) const {
    return world.database.Query(
        absl::StrCat("SELECT concat(before, ' → ', after) FROM usher.events WHERE type = '", type,
                     "' ORDER BY sequence"));
  }
  std::string SuperUsers() const {
    return world.database.Value(
        absl::StrCat("SELECT count(*) FROM usher.memberships WHERE role = 1 AND status = 1 AND "
                     "organization_id = '",
                     model::FormatUuid(world.acme.uuid()), "'"));
  }

  World world;
};

}  // namespace usher::test
