#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::CreatedInvitation;
using model::InvitationState;
using model::Reason;
using model::SiteAccess;

class CreateTest : public testing::Test {
 protected:
  std::string Mails() { return world.database.Value("SELECT count(*) FROM usher.mails"); }
  std::string Events(const std::string& type) {
    return world.database.Value(
        absl::StrCat("SELECT count(*) FROM usher.events WHERE type = '", type, "'"));
  }

  World world;
};

TEST_F(CreateTest, KeepsWhatTheInviterWroteAndQueuesOneMail) {
  auto draft = world.Draft("Eve.Stone@Example.COM");
  draft.note = "See you\nsoon";
  draft.metadata = {{"team", "north"}};
  draft.access = *SiteAccess::Groups({world.group});

  const auto created = world.Invite(draft);

  ASSERT_THAT(created, IsOk());
  const auto read = world.Get(created->invitation.id);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->email, "Eve.Stone@Example.COM");
  EXPECT_EQ(read->note, "See you\nsoon");
  EXPECT_EQ(read->metadata, draft.metadata);
  EXPECT_EQ(read->access, draft.access);
  EXPECT_EQ(read->state, InvitationState::kPending);
  EXPECT_EQ(read->inviter, world.ann);
  EXPECT_EQ(read->inviter_name, "Ann Example");
  EXPECT_EQ(read->delivery.state, model::DeliveryState::kQueued);
  EXPECT_EQ(created->token, "");
  EXPECT_EQ(Mails(), "1");
  EXPECT_EQ(Events("invitation.created"), "1");
}

TEST_F(CreateTest, LastsSevenDaysFromItsCreation) {
  const auto created = world.Invite(world.Draft("a@example.com"));

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->invitation.expire_time - created->invitation.create_time, absl::Hours(168));
}

TEST_F(CreateTest, LastsAsLongAsTheCallSays) {
  auto draft = world.Draft("a@example.com");
  draft.lifetime = absl::Hours(1);

  const auto created = world.Invite(draft);

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->invitation.expire_time - created->invitation.create_time, absl::Hours(1));
}

TEST_F(CreateTest, R01MemberIsNotInvitedAgain) {
  world.Join(world.Draft("ben@example.com"));
  const std::string mails = Mails();

  EXPECT_THAT(world.Invite(world.Draft("Ben@Example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
  EXPECT_EQ(Mails(), mails);
}

TEST_F(CreateTest, R02OneOfTwentyAtOnceIsCreated) {
  std::vector<async::Task<absl::StatusOr<CreatedInvitation>>> tasks;
  const model::Call call = world.CallBy(world.ann);
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(world.invitations.Create(call, world.Draft("cy@example.com")));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  const auto ok =
      std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.ok(); });
  EXPECT_EQ(ok, 1);
  for (const auto& answer : answers) {
    if (answer.ok()) continue;
    EXPECT_THAT(answer, Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  }
  EXPECT_EQ(Mails(), "1");
}

TEST_F(CreateTest, PendingInvitationIsNamedInTheRefusal) {
  const auto first = world.Invite(world.Draft("cy@example.com"));
  ASSERT_THAT(first, IsOk());

  const auto second = world.Invite(world.Draft("cy@example.com"));

  ASSERT_THAT(second, Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  const auto refusal = model::RefusalOf(second.status());
  EXPECT_THAT(refusal->metadata, testing::ElementsAre(testing::Pair(
                                     "invitation_id", first->invitation.id.ToString())));
}

TEST_F(CreateTest, R04ExpiredOneBecomesHistory) {
  const auto first = world.Invite(world.Draft("mo@example.com"));
  ASSERT_THAT(first, IsOk());
  world.database.MoveClock(absl::Hours(168) + absl::Seconds(1));

  const auto second = world.Invite(world.Draft("mo@example.com"));

  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(world.Get(first->invitation.id)->state, InvitationState::kExpired);
  EXPECT_EQ(world.Get(second->invitation.id)->state, InvitationState::kPending);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations WHERE open"), "1");
}

TEST_F(CreateTest, R04TwentyAtOnceReplaceAnExpiredOneOnce) {
  ASSERT_THAT(world.Invite(world.Draft("mo@example.com")), IsOk());
  world.database.MoveClock(absl::Hours(169));
  std::vector<async::Task<absl::StatusOr<CreatedInvitation>>> tasks;
  const model::Call call = world.CallBy(world.ann);
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(world.invitations.Create(call, world.Draft("mo@example.com")));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  const auto ok =
      std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.ok(); });
  EXPECT_EQ(ok, 1);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations WHERE open"), "1");
  EXPECT_EQ(Mails(), "2");
}

TEST_F(CreateTest, R10SubaddressesAreDifferentPeople) {
  EXPECT_THAT(world.Invite(world.Draft("gus+a@example.com")), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("gus+b@example.com")), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("gus@example.com")), IsOk());
}

TEST_F(CreateTest, R13BothSpellingsOfADomainAreOneAddress) {
  ASSERT_THAT(world.Invite(world.Draft("wes@bücher.example.com")), IsOk());

  EXPECT_THAT(world.Invite(world.Draft("wes@XN--BCHER-KVA.example.com")),
              Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
}

TEST_F(CreateTest, NamesEverySiteThatTheOrganizationDoesNotHave) {
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::SiteId foreign = world.AddSite(other.organization.id, "Oslo");
  auto draft = world.Draft("a@example.com");
  draft.access = *SiteAccess::Sites({world.sites[0], foreign});

  const auto refused = world.Invite(draft);

  ASSERT_THAT(refused, Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  const auto refusal = model::RefusalOf(refused.status());
  ASSERT_EQ(refusal->fields.size(), 1U);
  EXPECT_THAT(refusal->fields[0].field, testing::StartsWith("invitation.site_access.site_ids["));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations"), "0");
}

TEST_F(CreateTest, OnlyThoseWhoMayInviteCan) {
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);

  EXPECT_THAT(world.Wait(world.invitations.Create(by_observer, world.Draft("a@example.com"))),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.Create(by_stranger, world.Draft("a@example.com"))),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(CreateTest, SuspendedSuperUserMayNotInvite) {
  auto draft = world.Draft("ben@example.com");
  draft.role = model::Role::kSuperUser;
  const model::UserId ben = world.Join(draft);
  world.database.Query("UPDATE usher.memberships SET status = 2 WHERE user_id = '" +
                       model::FormatUuid(ben.uuid()) + "'");
  const model::Call call = world.CallBy(ben);

  EXPECT_THAT(world.Wait(world.invitations.Create(call, world.Draft("a@example.com"))),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

TEST_F(CreateTest, WithMailSwitchedOffTheTokenIsReturnedOnce) {
  auto draft = world.Draft("a@example.com");
  draft.send_email = false;

  const auto created = world.Invite(draft);

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->invitation.delivery.state, model::DeliveryState::kNone);
  EXPECT_EQ(Mails(), "0");
  EXPECT_THAT(world.Accept(created->token, World::Person("a@example.com")), IsOk());
}

TEST(CreateWithoutMailerTest, R34TheTokenIsReturnedAndNoMailWaits) {
  World world(invitations::MailMode::kDisabled);

  const auto created = world.Invite(world.Draft("a@example.com"));

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->invitation.delivery.state, model::DeliveryState::kDisabled);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.mails"), "0");
  EXPECT_THAT(world.Accept(created->token, World::Person("a@example.com")), IsOk());
}

}  // namespace
}  // namespace usher::test
