#include "tests/integration/invitations/inviting.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Acceptance;
using model::InvitationState;
using model::Reason;

class LimitsTest : public InvitingTest {
 protected:
  static auto IsRateLimited() {
    return Refused(StatusCode::kResourceExhausted, Reason::kRateLimit);
  }
  static auto HasNoSeat() { return Refused(StatusCode::kResourceExhausted, Reason::kSeatLimit); }
  static auto IsFull() { return Refused(StatusCode::kResourceExhausted, Reason::kPendingLimit); }
  static absl::Duration RetryAfter(const absl::Status& status) {
    return model::RefusalOf(status)->retry_after.value_or(absl::ZeroDuration());
  }
};

TEST_F(LimitsTest, R07RowsBeyondTheMailsOfTheHourAreRefusedEach) {
  Set("mails_per_hour = 50");
  ASSERT_EQ(CountOk(*Batch(To(Emails("a", 40)))), 40);

  const Answers answers = Batch(To(Emails("b", 20)));

  ASSERT_THAT(answers, IsOk());
  for (size_t i = 0; i < answers->size(); ++i) {
    if (i < 10) {
      EXPECT_THAT((*answers)[i], IsOk());
    } else {
      EXPECT_THAT((*answers)[i], IsRateLimited());
      EXPECT_GT(RetryAfter((*answers)[i].status()), absl::Minutes(58));
      EXPECT_LE(RetryAfter((*answers)[i].status()), absl::Hours(1));
    }
  }
  EXPECT_EQ(Mails(), 50);
  EXPECT_EQ(Count("invitations"), 50);
  EXPECT_THAT(world.Invite(world.Draft("c@example.com")), IsRateLimited());
  EXPECT_THAT(Reinvite((*answers)[0]->invitation.id), IsRateLimited());
  EXPECT_EQ(Mails(), 50);
}

TEST_F(LimitsTest, R07OtherOrganizationsAreNotAffected) {
  Set("mails_per_hour = 1");
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  ASSERT_THAT(world.Invite(world.Draft("a@example.com")), IsOk());
  ASSERT_THAT(world.Invite(world.Draft("b@example.com")), IsRateLimited());
  auto draft = world.Draft("b@example.com");
  draft.organization = birch.organization.id;
  const model::Call service = world.CallBy();

  EXPECT_THAT(world.Wait(world.invitations.Create(service, draft)), IsOk());
}

TEST_F(LimitsTest, R07CallersAtOnceShareWhatIsLeft) {
  Set("mails_per_hour = 7");
  const model::Call call = world.CallBy(world.ann);
  std::vector<async::Task<Answer>> tasks;
  for (const std::string& email : Emails("p", 30)) {
    tasks.push_back(world.invitations.Create(call, world.Draft(email)));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  EXPECT_EQ(CountOk(answers), 7);
  EXPECT_EQ(Mails(), 7);
}

TEST_F(LimitsTest, MailsAreLetThroughAsOldOnesLeaveTheHour) {
  Set("mails_per_hour = 2");
  ASSERT_THAT(world.Invite(world.Draft("a@example.com")), IsOk());
  world.database.MoveClock(absl::Minutes(40));
  ASSERT_THAT(world.Invite(world.Draft("b@example.com")), IsOk());

  const Answer refused = world.Invite(world.Draft("c@example.com"));

  ASSERT_THAT(refused, IsRateLimited());
  EXPECT_LE(RetryAfter(refused.status()), absl::Minutes(20));
  EXPECT_GT(RetryAfter(refused.status()), absl::Minutes(19));
  world.database.MoveClock(absl::Minutes(40) + RetryAfter(refused.status()));
  EXPECT_THAT(world.Invite(world.Draft("c@example.com")), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("d@example.com")), IsRateLimited());
}

TEST_F(LimitsTest, MailsThatAreNotSentDoNotCount) {
  Set("mails_per_hour = 1");
  auto terms = Terms();
  terms.send_email = false;

  EXPECT_EQ(CountOk(*Batch(terms, To(Emails("p", 3)))), 3);
  EXPECT_THAT(world.Invite(world.Draft("a@example.com")), IsOk());
}

TEST_F(LimitsTest, EachInviterHasMailsOfTheirOwn) {
  auto draft = world.Draft("ben@example.com");
  draft.role = model::Role::kSuperUser;
  const model::UserId ben = world.Join(draft);
  Set("mails_per_hour_per_inviter = 2");
  ASSERT_THAT(world.Invite(world.Draft("a@example.com")), IsOk());
  const Answer refused = world.Invite(world.Draft("b@example.com"));
  const model::Call by_ben = world.CallBy(ben);
  const model::Call by_service = world.CallBy();

  EXPECT_THAT(refused, IsRateLimited());
  EXPECT_EQ(model::RefusalOf(refused.status())->quotas[0].description,
            "mails_per_hour_per_inviter is 2");
  EXPECT_THAT(world.Wait(world.invitations.Create(by_ben, world.Draft("b@example.com"))), IsOk());
  EXPECT_THAT(world.Wait(world.invitations.Create(by_service, world.Draft("c@example.com"))),
              IsOk());
}

TEST_F(LimitsTest, EachRecipientGetsOnlySoManyMails) {
  Set("mails_per_hour_per_recipient = 2");
  const auto invitation = world.Invite(world.Draft("a@example.com"))->invitation;
  ASSERT_THAT(Reinvite(invitation.id), IsOk());

  EXPECT_THAT(Reinvite(invitation.id), IsRateLimited());
  ASSERT_THAT(Cancel(invitation.id), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("A@example.com")), IsRateLimited());
  EXPECT_THAT(world.Invite(world.Draft("b@example.com")), IsOk());
}

TEST_F(LimitsTest, RefusedRowsTakeNoRoomFromThoseAfterThem) {
  Set("mails_per_hour_per_recipient = 1, mails_per_hour = 3, pending_limit = 3");
  const auto canceled = world.Invite(world.Draft("a@example.com"))->invitation;
  ASSERT_THAT(Cancel(canceled.id), IsOk());

  const Answers answers = Batch(To(
      std::vector<std::string>{"a@example.com", "ann@example.com", "b@example.com", "b@example.com",
                               "c@example.com", "d@example.com", "d@example.com"}));

  ASSERT_THAT(answers, IsOk());
  EXPECT_THAT((*answers)[0], IsRateLimited());
  EXPECT_THAT((*answers)[1], Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
  EXPECT_THAT((*answers)[2], IsOk());
  EXPECT_THAT((*answers)[3], Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  EXPECT_THAT((*answers)[4], IsOk());
  EXPECT_THAT((*answers)[5], IsRateLimited());
  EXPECT_THAT((*answers)[6], IsRateLimited());
}

TEST_F(LimitsTest, PendingOnesHaveALimit) {
  Set("pending_limit = 2");
  const Answers answers = Batch(To(Emails("p", 3)));
  EXPECT_THAT((*answers)[2], IsFull());
  const auto& first = (*answers)[0]->invitation;

  EXPECT_THAT(Reinvite(first.id), IsOk()) << "it is pending already";
  ASSERT_THAT(Cancel(first.id), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("q@example.com")), IsOk());
  world.database.MoveClock(absl::Hours(169));
  EXPECT_EQ(CountOk(*Batch(To(Emails("r", 2)))), 2) << "expired ones are not pending";
  EXPECT_THAT(Reinvite((*answers)[1]->invitation.id), IsFull());
}

TEST_F(LimitsTest, MembersTakeSeats) {
  Set("seat_limit = 2");
  const auto one = world.Invite(world.Draft("one@example.com"))->invitation;
  const auto two = world.Invite(world.Draft("two@example.com"))->invitation;

  EXPECT_THAT(world.Accept(world.TokenOf(one), World::Person("one@example.com")), IsOk());
  EXPECT_THAT(world.Accept(world.TokenOf(two), World::Person("two@example.com")), HasNoSeat());
  EXPECT_EQ(world.Get(two.id)->state, InvitationState::kPending);
  EXPECT_THAT(world.Invite(world.Draft("three@example.com")), HasNoSeat());
  EXPECT_THAT(Reinvite(two.id), IsOk()) << "it is pending already";
  world.database.MoveClock(absl::Hours(169));
  EXPECT_THAT(Reinvite(two.id), HasNoSeat());
}

TEST_F(LimitsTest, ReservedSeatsAreThoseOfMembersAndInvited) {
  Set("seat_limit = 3, seat_mode = 2");

  const Answers answers = Batch(To(Emails("p", 3)));

  EXPECT_EQ(CountOk(*answers), 2);
  EXPECT_THAT((*answers)[2], HasNoSeat());
  const auto& invitation = (*answers)[0]->invitation;
  EXPECT_THAT(world.Accept(world.TokenOf(invitation), World::Person("p0@example.com")), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("q@example.com")), HasNoSeat());
  ASSERT_THAT(Cancel((*answers)[1]->invitation.id), IsOk());
  EXPECT_THAT(world.Invite(world.Draft("q@example.com")), IsOk());
}

TEST_F(LimitsTest, OfAllWhoAcceptAtOnceSoManyAsThereAreSeatsGetOne) {
  const Answers invited = Batch(To(Emails("p", 20)));
  Set("seat_limit = 4");
  const model::Call call = world.CallBy();
  std::vector<async::Task<absl::StatusOr<Acceptance>>> tasks;
  for (const auto& created : *invited) {
    tasks.push_back(world.invitations.Accept(call, world.TokenOf(created->invitation),
                                             World::Person(created->invitation.email)));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  EXPECT_EQ(CountOk(answers), 3);
  for (const auto& answer : answers) {
    EXPECT_TRUE(answer.ok() || testing::Value(answer, HasNoSeat()));
  }
  EXPECT_EQ(Count("memberships"), 4);
}

}  // namespace
}  // namespace usher::test
