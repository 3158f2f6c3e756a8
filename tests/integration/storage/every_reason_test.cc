#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/matchers.h"
#include "tests/support/members.h"

namespace usher::test {
namespace {

using model::Reason;
using model::Role;
using testing::ElementsAre;

constexpr int64_t kStale = 77;

// Who asks beforehand, with validate_only, learns all that is in the way, and changes nothing.
class EveryReasonTest : public MembersTest {
 protected:
  model::Call Asking() const {
    model::Call call = world.CallBy(world.ann);
    call.validate_only = true;
    return call;
  }
  template <class T>
  std::vector<Reason> ReasonsOf(async::Task<absl::StatusOr<T>> task) {
    const std::string before = State();
    const absl::StatusOr<T> answer = world.Wait(std::move(task));
    EXPECT_EQ(State(), before);
    std::vector<Reason> reasons;
    const auto refusal = model::RefusalOf(answer.status());
    if (!refusal) return reasons;
    for (const model::Cause& cause : refusal->causes) reasons.push_back(cause.reason);
    return reasons;
  }
  std::string State() const {
    return world.database.Value(
        "SELECT concat((SELECT count(*) FROM usher.events), (SELECT sum(revision) FROM usher.users)"
        ", (SELECT sum(revision) FROM usher.memberships))");
  }
  model::SiteId Unknown() { return model::SiteId(world.ids.Next()); }
  invitations::Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
};

TEST_F(EveryReasonTest, OfUpdatingAMembership) {
  directory::MembershipUpdate update = RoleOf(world.ann, Role::kObserver);
  update.revision = kStale;
  update.access = *model::SiteAccess::Sites({Unknown()});

  EXPECT_THAT(ReasonsOf(world.directory.UpdateMembership(Asking(), update)),
              ElementsAre(Reason::kEtagMismatch, Reason::kFieldInvalid, Reason::kLastSuperUser));
}

TEST_F(EveryReasonTest, OfSuspendingAndRevoking) {
  const directory::MembershipChange change{Name(world.ann), kStale};
  const auto expected = ElementsAre(Reason::kEtagMismatch, Reason::kLastSuperUser);

  EXPECT_THAT(ReasonsOf(world.directory.SuspendMembership(Asking(), change)), expected);
  EXPECT_THAT(ReasonsOf(world.directory.RevokeMembership(Asking(), change)), expected);
}

TEST_F(EveryReasonTest, OfAnEtagAloneIsOne) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const directory::MembershipChange change{Name(ben), kStale};

  EXPECT_THAT(ReasonsOf(world.directory.SuspendMembership(Asking(), change)),
              ElementsAre(Reason::kEtagMismatch));
  EXPECT_EQ(Value("status", ben), "1");
}

TEST_F(EveryReasonTest, OfChangingAndDeletingAUser) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  model::Call by_service = world.CallBy();
  by_service.validate_only = true;
  directory::UserUpdate update;
  update.user = ben;
  update.revision = kStale;
  update.email = *model::Email::Parse("ann@example.com");

  EXPECT_THAT(ReasonsOf(world.directory.UpdateUser(by_service, update)),
              ElementsAre(Reason::kEtagMismatch, Reason::kUserExists));
  EXPECT_THAT(ReasonsOf(world.directory.DeleteUser(by_service, {world.ann, kStale})),
              ElementsAre(Reason::kEtagMismatch, Reason::kLastSuperUser));
}

TEST_F(EveryReasonTest, OfCancelingAndDeletingAnInvitation) {
  const auto pending = Invited("ben@example.com");
  const auto accepted = Invited("cai@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("cai@example.com")), IsOk());
  const auto expected = ElementsAre(Reason::kEtagMismatch, Reason::kWrongState);

  invitations::Cancellation cancellation{world.acme, accepted.id, std::nullopt, kStale};
  EXPECT_THAT(ReasonsOf(world.invitations.Cancel(Asking(), cancellation)), expected);
  EXPECT_THAT(ReasonsOf(world.invitations.Delete(Asking(), world.acme, pending.id, kStale)),
              expected);
}

TEST_F(EveryReasonTest, OfRenewingAnInvitation) {
  const auto accepted = Invited("cai@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("cai@example.com")), IsOk());
  invitations::Renewal renewal;
  renewal.organization = world.acme;
  renewal.id = accepted.id;
  renewal.revision = kStale;

  EXPECT_THAT(ReasonsOf(world.invitations.Reinvite(Asking(), renewal)),
              ElementsAre(Reason::kEtagMismatch, Reason::kWrongState, Reason::kMemberExists));
}

TEST_F(EveryReasonTest, OfAccepting) {
  auto draft = world.Draft("ben@example.com");
  draft.access = *model::SiteAccess::Sites({world.sites[1]});
  const auto invitation = world.Invite(draft)->invitation;
  world.database.Query("DELETE FROM usher.sites WHERE name = 'Lyon'");
  world.database.Query("UPDATE usher.organizations SET seat_limit = 1");

  EXPECT_THAT(ReasonsOf(world.invitations.Accept(Asking(), world.TokenOf(invitation),
                                                 World::Person("ben@example.com"))),
              ElementsAre(Reason::kSeatLimit, Reason::kSiteNotFound));
}

TEST_F(EveryReasonTest, OfSitesAndGroups) {
  const std::string group = world.database.Value("SELECT name FROM usher.site_groups");
  organizations::NewSiteGroup draft{world.acme, group, "", {Unknown()}};
  organizations::SiteGroupSites change{world.acme, world.group, {Unknown()}, kStale};
  Join("dee@example.com", Role::kObserver, *model::SiteAccess::Groups({world.group}));

  EXPECT_THAT(ReasonsOf(world.organizations.CreateSiteGroup(Asking(), draft)),
              ElementsAre(Reason::kFieldInvalid, Reason::kSiteGroupExists));
  EXPECT_THAT(ReasonsOf(world.organizations.SetSiteGroupSites(Asking(), change)),
              ElementsAre(Reason::kFieldInvalid, Reason::kEtagMismatch));
  EXPECT_THAT(
      ReasonsOf(world.organizations.DeleteSiteGroup(Asking(), {world.acme, world.group, kStale})),
      ElementsAre(Reason::kEtagMismatch, Reason::kSiteInUse));
  EXPECT_THAT(
      ReasonsOf(world.organizations.DeleteSite(Asking(), {world.acme, world.sites[0], kStale})),
      ElementsAre(Reason::kEtagMismatch, Reason::kSiteInUse));
}

}  // namespace
}  // namespace usher::test
