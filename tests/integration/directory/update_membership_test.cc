#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/members.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using directory::MembershipUpdate;
using model::Reason;
using model::Role;
using model::SiteAccess;

class UpdateMembershipTest : public MembersTest {
 protected:
  MembershipUpdate AccessOf(model::UserId user, const SiteAccess& access) const {
    MembershipUpdate update;
    update.name = Name(user);
    update.access = access;
    return update;
  }
  MembershipUpdate EndOf(model::UserId user, std::optional<absl::Time> end) const {
    MembershipUpdate update;
    update.name = Name(user);
    update.sets_end_time = true;
    update.end_time = end;
    return update;
  }
};

TEST_F(UpdateMembershipTest, ChangesWhatIsGivenAndKeepsTheRest) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  MembershipUpdate update = RoleOf(ben, Role::kHelpdesk);
  update.access = *SiteAccess::Sites({world.sites[0]});

  const auto changed = Update(update);

  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->membership.role, Role::kHelpdesk);
  EXPECT_EQ(changed->membership.access, *SiteAccess::Sites({world.sites[0]}));
  EXPECT_EQ(changed->membership.revision, 2);
  EXPECT_FALSE(changed->position.empty());
  const auto again = Update(RoleOf(ben, Role::kReporting));
  EXPECT_EQ(again->membership.access, *SiteAccess::Sites({world.sites[0]}));
}

TEST_F(UpdateMembershipTest, OneEventTellsWhatChangedAndNothingElse) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);

  ASSERT_THAT(Update(RoleOf(ben, Role::kHelpdesk)), IsOk());

  EXPECT_THAT(Events("membership.updated"), testing::ElementsAre(R"({"role": 3} → {"role": 4})"));
}

TEST_F(UpdateMembershipTest, RepeatIsOkAndChangesNothing) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  ASSERT_THAT(Update(RoleOf(ben, Role::kHelpdesk)), IsOk());

  const auto again = Update(RoleOf(ben, Role::kHelpdesk));

  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->membership.revision, 2);
  EXPECT_EQ(Events("membership.updated").size(), 1U);
}

TEST_F(UpdateMembershipTest, StaleEtagChangesNothing) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  ASSERT_THAT(Update(RoleOf(ben, Role::kHelpdesk)), IsOk());
  MembershipUpdate stale = RoleOf(ben, Role::kReporting);
  stale.revision = 1;

  EXPECT_THAT(Update(stale), Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_EQ(Value("role", ben), "4");
  stale.revision = 2;
  EXPECT_THAT(Update(stale), IsOk());
}

TEST_F(UpdateMembershipTest, FindsTheMemberByAddress) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  MembershipUpdate update = RoleOf(ben, Role::kHelpdesk);
  update.name = {world.acme, std::nullopt, "ben@example.com"};

  EXPECT_EQ(Update(update)->membership.user.id, ben);
  update.name.email_key = "nobody@example.com";
  EXPECT_THAT(Update(update), Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
}

TEST_F(UpdateMembershipTest, NamesEverySiteThatTheOrganizationDoesNotHave) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(birch.organization.id, "Oslo");

  const auto refused = Update(AccessOf(ben, *SiteAccess::Sites({world.sites[0], foreign})));

  ASSERT_THAT(refused, Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_EQ(model::RefusalOf(refused.status())->fields[0].field,
            "membership.site_access.site_ids[1]");
  EXPECT_EQ(Value("site_access", ben), "1");
}

TEST_F(UpdateMembershipTest, ReplacesMetadataAsAWhole) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  MembershipUpdate update;
  update.name = Name(ben);
  update.metadata.emplace()["team"] = "north";

  EXPECT_EQ(Update(update)->membership.metadata, *update.metadata);
  update.metadata->clear();
  EXPECT_TRUE(Update(update)->membership.metadata.empty());
}

TEST_F(UpdateMembershipTest, MembershipIsOverAtItsEndAndMayBeTakenUpAgain) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  ASSERT_THAT(Update(EndOf(ben, absl::Now() + absl::Hours(1))), IsOk());
  EXPECT_FALSE(Update(RoleOf(ben, Role::kHelpdesk))->membership.ended);

  world.database.MoveClock(absl::Hours(2));

  EXPECT_TRUE(Update(RoleOf(ben, Role::kObserver))->membership.ended);
  EXPECT_THAT(Update(EndOf(ben, absl::Now() + absl::Hours(1))),
              Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_FALSE(Update(EndOf(ben, std::nullopt))->membership.ended);
}

TEST_F(UpdateMembershipTest, MembershipThatIsTakenUpAgainNeedsASeat) {
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  ASSERT_THAT(Update(EndOf(ben, absl::Now() + absl::Hours(1))), IsOk());
  world.database.MoveClock(absl::Hours(2));
  world.database.Query("UPDATE usher.organizations SET seat_limit = 1");

  EXPECT_THAT(Update(EndOf(ben, std::nullopt)),
              Refused(StatusCode::kResourceExhausted, Reason::kSeatLimit));
  EXPECT_THAT(Update(RoleOf(ben, Role::kHelpdesk)), IsOk());
  world.database.Query("UPDATE usher.organizations SET seat_limit = 2");
  EXPECT_FALSE(Update(EndOf(ben, std::nullopt))->membership.ended);
}

TEST_F(UpdateMembershipTest, R27LastSuperUserKeepsTheRoleAndGetsNoEnd) {
  auto pending = world.Draft("ned@example.com");
  pending.role = Role::kSuperUser;
  const auto invitation = world.Invite(pending);

  EXPECT_THAT(Update(RoleOf(world.ann, Role::kObserver)),
              Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  EXPECT_THAT(UpdateBy(std::nullopt, EndOf(world.ann, absl::Now() + absl::Hours(1))),
              Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
  EXPECT_THAT(Events("membership.updated"), testing::IsEmpty());
  ASSERT_THAT(world.Accept(world.TokenOf(invitation->invitation), World::Person("ned@example.com")),
              IsOk());
  EXPECT_THAT(Update(RoleOf(world.ann, Role::kObserver)), IsOk());
}

// One who will be over does not count: at that moment nobody would be left.
TEST_F(UpdateMembershipTest, R27SuperUserWithAnEndTimeDoesNotCount) {
  const model::UserId ben = JoinSuperUser("ben@example.com");
  ASSERT_THAT(Update(EndOf(ben, absl::Now() + absl::Hours(1))), IsOk());

  EXPECT_THAT(Update(RoleOf(world.ann, Role::kObserver)),
              Refused(StatusCode::kFailedPrecondition, Reason::kLastSuperUser));
}

TEST_F(UpdateMembershipTest, R27TwoSuperUsersWhoDemoteEachOtherLeaveOne) {
  const model::UserId ben = JoinSuperUser("ben@example.com");
  const model::Call by_ann = world.CallBy(world.ann);
  const model::Call by_ben = world.CallBy(ben);
  for (int round = 0; round < 50; ++round) {
    std::vector<async::Task<Answer>> tasks;
    tasks.push_back(world.directory.UpdateMembership(by_ann, RoleOf(ben, Role::kObserver)));
    tasks.push_back(world.directory.UpdateMembership(by_ben, RoleOf(world.ann, Role::kObserver)));

    const auto answers = world.WaitAll(std::move(tasks));

    ASSERT_EQ(SuperUsers(), "1");
    EXPECT_NE(answers[0].ok(), answers[1].ok());
    world.database.Query("UPDATE usher.memberships SET role = 1");
  }
}

TEST_F(UpdateMembershipTest, R27EightSuperUsersWhoStepDownAtOnceLeaveOne) {
  std::vector<model::UserId> people{world.ann};
  for (int i = 0; i < 7; ++i) {
    people.push_back(JoinSuperUser(absl::StrCat("s", i, "@example.com")));
  }
  const model::Call by_service = world.CallBy();
  for (int round = 0; round < 20; ++round) {
    std::vector<async::Task<Answer>> tasks;
    for (const auto& person : people) {
      tasks.push_back(
          world.directory.UpdateMembership(by_service, RoleOf(person, Role::kObserver)));
    }

    (void)world.WaitAll(std::move(tasks));

    ASSERT_EQ(SuperUsers(), "1");
    world.database.Query("UPDATE usher.memberships SET role = 1");
  }
}

TEST_F(UpdateMembershipTest, IsForThoseWhoMayWriteMembers) {
  const model::UserId sue = Join("sue@example.com", Role::kSuperObserver);
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  const MembershipUpdate update = RoleOf(ben, Role::kHelpdesk);

  EXPECT_THAT(UpdateBy(sue, update),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(UpdateBy(ben, update),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_EQ(Value("role", ben), "3");
  EXPECT_THAT(UpdateBy(std::nullopt, update), IsOk());
}

TEST_F(UpdateMembershipTest, OrganizationDoesNotExistForStrangers) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const model::UserId ben = Join("ben@example.com", Role::kObserver);
  MembershipUpdate elsewhere = RoleOf(ben, Role::kHelpdesk);
  elsewhere.name.organization = birch.organization.id;
  model::Call no_account = world.CallBy();
  no_account.caller.kind = model::Caller::Kind::kUser;

  EXPECT_THAT(UpdateBy(birch.first_super_user, RoleOf(ben, Role::kHelpdesk)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(UpdateBy(birch.first_super_user, elsewhere),
              Refused(StatusCode::kNotFound, Reason::kMembershipNotFound));
  EXPECT_THAT(
      world.Wait(world.directory.UpdateMembership(no_account, RoleOf(ben, Role::kHelpdesk))),
      Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_EQ(Value("role", ben), "3");
}

}  // namespace
}  // namespace usher::test
