#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Acceptance;
using model::InvitationState;
using model::Reason;
using model::Role;
using model::SiteAccess;

class AcceptTest : public testing::Test {
 protected:
  invitations::Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  std::string Memberships() {
    return world.database.Value("SELECT count(*) FROM usher.memberships");
  }
  directory::Membership Member(model::UserId user) {
    const model::Call call = world.CallBy();
    return *world.Wait(world.directory.GetMembership(call, {world.acme, user, std::nullopt}));
  }

  World world;
};

TEST_F(AcceptTest, R24MemberGetsExactlyTheInvitedRoleAndSites) {
  int person = 0;
  for (const Role role : model::kRoles) {
    for (const SiteAccess& access :
         {SiteAccess::All(), *SiteAccess::Groups({world.group}), *SiteAccess::Sites(world.sites)}) {
      auto draft = world.Draft(absl::StrCat("p", ++person, "@example.com"));
      draft.role = role;
      draft.access = access;
      draft.metadata = {{"n", absl::StrCat(person)}};

      const directory::Membership member = Member(world.Join(draft));

      EXPECT_EQ(member.role, role);
      EXPECT_EQ(member.access, access);
      EXPECT_EQ(member.metadata, draft.metadata);
      EXPECT_EQ(member.user.email, draft.email.as_typed());
    }
  }
}

TEST_F(AcceptTest, AnswerIsTheMembershipAsItIsReadFromThenOn) {
  const auto invitation = Invited("eve.stone@example.com");

  const auto made = world.Accept(world.TokenOf(invitation), World::Person("eve.stone@example.com"));
  const auto again =
      world.Accept(world.TokenOf(invitation), World::Person("eve.stone@example.com"));

  ASSERT_THAT(made, IsOk());
  ASSERT_THAT(again, IsOk());
  const directory::Membership read = Member(made->membership.user.id);
  for (const directory::Membership& told : {made->membership, again->membership}) {
    EXPECT_EQ(told.organization, world.acme);
    EXPECT_EQ(told.organization_name, read.organization_name);
    EXPECT_EQ(told.user.email, "eve.stone@example.com");
    EXPECT_EQ(told.user.revision, read.user.revision);
    EXPECT_EQ(told.role, read.role);
    EXPECT_EQ(told.access, read.access);
    EXPECT_EQ(told.invitation, invitation.id);
    EXPECT_EQ(told.revision, read.revision);
    EXPECT_EQ(told.create_time, read.create_time);
  }
}

TEST_F(AcceptTest, AskingBeforehandTellsTheMembershipAndMakesNone) {
  const auto invitation = Invited("eve.stone@example.com");
  model::Call call = world.CallBy();
  call.validate_only = true;

  const auto told = world.Wait(world.invitations.Accept(call, world.TokenOf(invitation),
                                                        World::Person("eve.stone@example.com")));

  ASSERT_THAT(told, IsOk());
  EXPECT_TRUE(told->user_created);
  EXPECT_EQ(told->membership.role, invitation.role);
  EXPECT_EQ(told->membership.user.email, "eve.stone@example.com");
  EXPECT_EQ(Memberships(), "1");
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
}

TEST_F(AcceptTest, R09LetterCaseOfTheAddressDoesNotMatter) {
  const auto invitation = Invited("Eve.Stone@Example.COM");

  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("eve.stone@example.com")),
              IsOk());
}

TEST_F(AcceptTest, R15PreviewChangesNothing) {
  const auto invitation = Invited("hal@example.com");
  const std::string before = world.database.Value("SELECT (i.*)::text FROM usher.invitations i");
  const model::Call anybody{};

  for (int i = 0; i < 50; ++i) {
    model::Call call = world.CallBy();
    call.caller = anybody.caller;
    const auto preview = world.Wait(world.invitations.Preview(call, world.TokenOf(invitation)));
    ASSERT_THAT(preview, IsOk());
    EXPECT_EQ(preview->email, "hal@example.com");
    EXPECT_EQ(preview->organization_name, "Acme");
    EXPECT_EQ(preview->inviter_name, "Ann Example");
  }

  EXPECT_EQ(world.database.Value("SELECT (i.*)::text FROM usher.invitations i"), before);
  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("hal@example.com")), IsOk());
}

TEST_F(AcceptTest, R16RepeatedAcceptIsTheSameMembership) {
  const auto invitation = Invited("ida@example.com");
  const std::string token = world.TokenOf(invitation);
  const model::Call call = world.CallBy();
  std::vector<async::Task<absl::StatusOr<Acceptance>>> tasks;
  for (int i = 0; i < 2; ++i) {
    tasks.push_back(world.invitations.Accept(call, token, World::Person("ida@example.com")));
  }

  auto answers = world.WaitAll(std::move(tasks));
  world.database.MoveClock(absl::Minutes(1));
  answers.push_back(world.Accept(token, World::Person("ida@example.com")));

  std::set<model::UserId> users;
  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    users.insert(answer->membership.user.id);
  }
  EXPECT_EQ(users.size(), 1U);
  EXPECT_EQ(world.Get(invitation.id)->revision, invitation.revision + 1);
  EXPECT_EQ(
      world.database.Value("SELECT count(*) FROM usher.events WHERE type = 'invitation.accepted'"),
      "1");
  EXPECT_THAT(world.Accept(token, World::Person("jo@example.com")),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailMismatch));
  EXPECT_EQ(Memberships(), "2");
}

TEST_F(AcceptTest, R17OnlyTheInvitedPersonCanAccept) {
  const auto invitation = Invited("uli@example.com");
  const std::string token = world.TokenOf(invitation);
  auto unverified = World::Person("uli@example.com");
  unverified.email_verified = false;

  EXPECT_THAT(world.Accept(token, World::Person("vera@example.com")),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailMismatch));
  EXPECT_THAT(world.Accept(token, unverified),
              Refused(StatusCode::kPermissionDenied, Reason::kEmailUnverified));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
  EXPECT_EQ(Memberships(), "1");

  const auto accepted = world.Accept(token, World::Person("uli@example.com"));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(world.Get(invitation.id)->user, accepted->membership.user.id);
}

TEST_F(AcceptTest, R04ExpiredOneIsRefusedAndStaysExpired) {
  const auto invitation = Invited("mo@example.com");
  world.database.MoveClock(absl::Hours(168));

  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("mo@example.com")),
              Refused(StatusCode::kFailedPrecondition, Reason::kInvitationExpired));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kExpired);
  EXPECT_EQ(Memberships(), "1");
}

TEST_F(AcceptTest, R18SiteThatWentMeanwhileLeavesEverythingAsItWas) {
  auto draft = world.Draft("sam@example.com");
  draft.access = *SiteAccess::Sites({world.sites[1]});
  const auto invitation = world.Invite(draft)->invitation;
  world.database.Query("DELETE FROM usher.sites WHERE name = 'Lyon'");

  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("sam@example.com")),
              Refused(StatusCode::kFailedPrecondition, Reason::kSiteNotFound));
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.users"), "1");
}

TEST_F(AcceptTest, R18GroupThatWentMeanwhileIsNamedAsOne) {
  auto draft = world.Draft("sam@example.com");
  draft.access = *SiteAccess::Groups({world.group});
  const auto invitation = world.Invite(draft)->invitation;
  world.database.Query("DELETE FROM usher.site_group_sites");
  world.database.Query("DELETE FROM usher.site_groups");

  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("sam@example.com")),
              Refused(StatusCode::kFailedPrecondition, Reason::kSiteGroupNotFound));
}

TEST_F(AcceptTest, R22OnlyTheNewestGenerationOpens) {
  const auto invitation = Invited("lea@example.com");
  world.database.Query("UPDATE usher.invitations SET generation = 2");
  world.tampered = true;

  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("lea@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  auto renewed = invitation;
  renewed.generation = 2;
  EXPECT_THAT(world.Accept(world.TokenOf(renewed), World::Person("lea@example.com")), IsOk());
}

TEST_F(AcceptTest, NobodyAcceptsAnInvitationTheySent) {
  const auto invitation = Invited("pat@example.com");
  const model::UserId pat = world.Join([this] {
    auto draft = world.Draft("other@example.com");
    draft.role = Role::kSuperUser;
    return draft;
  }());
  world.database.Query(absl::StrCat("UPDATE usher.invitations SET invited_by = '",
                                    model::FormatUuid(pat.uuid()), "' WHERE open"));
  world.database.Query("DELETE FROM usher.memberships WHERE invitation_id IS NOT NULL");
  world.database.Query(
      "UPDATE usher.users SET email = 'pat@example.com', email_key = 'pat@example.com' "
      "WHERE email_key = 'other@example.com'");

  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("pat@example.com")),
              Refused(StatusCode::kPermissionDenied, Reason::kSelfInvitation));
}

TEST_F(AcceptTest, OneUserJoinsTwoOrganizationsAtOnce) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const auto first = Invited("new@example.com");
  auto draft = world.Draft("new@example.com");
  draft.organization = birch.organization.id;
  const model::Call service = world.CallBy();
  const auto second = world.Wait(world.invitations.Create(service, draft))->invitation;
  std::vector<async::Task<absl::StatusOr<Acceptance>>> tasks;
  tasks.push_back(
      world.invitations.Accept(service, world.TokenOf(first), World::Person("new@example.com")));
  tasks.push_back(
      world.invitations.Accept(service, world.TokenOf(second), World::Person("new@example.com")));

  const auto answers = world.WaitAll(std::move(tasks));

  ASSERT_THAT(answers[0], IsOk());
  ASSERT_THAT(answers[1], IsOk());
  EXPECT_EQ(answers[0]->membership.user.id, answers[1]->membership.user.id);
  EXPECT_NE(answers[0]->user_created, answers[1]->user_created);
}

TEST_F(AcceptTest, ForgedTokensAreOneAnswer) {
  const auto invitation = Invited("a@example.com");
  const std::string token = world.TokenOf(invitation);

  for (const std::string& bad :
       {std::string("x"), token + "A", token.substr(1), token.substr(0, token.size() - 1)}) {
    EXPECT_THAT(world.Accept(bad, World::Person("a@example.com")),
                Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  }
}

}  // namespace
}  // namespace usher::test
