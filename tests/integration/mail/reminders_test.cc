#include "absl/strings/str_cat.h"
#include "events/announcer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/mails.h"
#include "tests/support/matchers.h"

namespace usher::mail {
namespace {

using events::Announcer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const absl::Duration kLife = absl::Hours(168);
const absl::Duration kBefore = absl::Hours(48);
const absl::Duration kDue = kLife - kBefore + absl::Minutes(1);

class RemindersTest : public test::MailsTest {
 protected:
  RemindersTest() { RemindBefore("48 hours"); }

  void RemindBefore(const std::string& time) {
    world_.database.Query(
        absl::StrCat("UPDATE usher.organizations SET remind_before_expiry = '", time, "'"));
  }
  int64_t Remind() { return *world_.Wait(announcer_.Remind()); }
  std::vector<std::string> RemindAndSend() {
    Remind();
    return SendAll();
  }
  // An invitation whose mail has been sent.
  invitations::Invitation Invited(const std::string& email) {
    auto invitation = Invite(email);
    EXPECT_THAT(SendAll(), ElementsAre(absl::StrCat("1 to ", email)));
    return invitation;
  }
  absl::StatusOr<invitations::RenewedInvitation> Reinvite(model::InvitationId id) {
    const model::Call call = world_.CallBy(world_.ann);
    invitations::Renewal renewal;
    renewal.organization = world_.acme;
    renewal.id = id;
    return world_.Wait(world_.invitations.Reinvite(call, std::move(renewal)));
  }
  std::string Queued() {
    return world_.database.Value("SELECT count(*) FROM usher.mails WHERE state = 1");
  }

  events::AnnouncerObserver observer_;
  Announcer announcer_{world_.lane, world_.db, {}, observer_};
};

TEST_F(RemindersTest, GoOutOnceWithTheSameLinkInTheInvitationsLanguage) {
  auto draft = world_.Draft("vic@example.com");
  draft.locale = "de";
  draft.first_name = "Vic";
  ASSERT_THAT(world_.Invite(std::move(draft)), test::IsOk());
  const auto first = Claim();
  ASSERT_THAT(Settle(first[0], Outcome::kSent, 250), test::IsOk());
  EXPECT_EQ(Remind(), 0) << "it is too early";

  world_.database.MoveClock(kDue);
  EXPECT_EQ(Remind(), 1);
  EXPECT_EQ(Remind(), 0);

  const auto reminder = Claim();
  ASSERT_THAT(reminder, SizeIs(1));
  EXPECT_EQ(reminder[0].lease.mail.kind, Kind::kReminder);
  EXPECT_EQ(reminder[0].mail.recipient, "vic@example.com");
  EXPECT_EQ(reminder[0].mail.accept_uri, first[0].mail.accept_uri);
  EXPECT_NE(reminder[0].mail.message_id, first[0].mail.message_id);
  EXPECT_EQ(reminder[0].mail.rendered.subject, "Erinnerung: Ihre Einladung zu Acme läuft bald ab");
  EXPECT_THAT(reminder[0].mail.rendered.text, HasSubstr(first[0].mail.accept_uri));
  EXPECT_THAT(reminder[0].mail.rendered.text, HasSubstr("noch nicht geantwortet"));
}

TEST_F(RemindersTest, AreNotSentUnlessTheOrganizationWantsThem) {
  world_.database.Query("UPDATE usher.organizations SET remind_before_expiry = NULL");
  Invited("vic@example.com");

  world_.database.MoveClock(kDue);

  EXPECT_EQ(Remind(), 0);
}

TEST_F(RemindersTest, AreNotQueuedWhereNoMailIsSent) {
  Invited("vic@example.com");
  world_.database.MoveClock(kDue);
  events::AnnouncerOptions options;
  options.reminds = false;
  Announcer without(world_.lane, world_.db, options, observer_);

  EXPECT_EQ(*world_.Wait(without.Remind()), 0);
}

TEST_F(RemindersTest, ReplicasAtTheSameTimeQueueEachOnce) {
  for (int i = 0; i < 10; ++i) Invite(absl::StrCat("n", i, "@example.com"));
  EXPECT_THAT(SendAll(), SizeIs(10));
  world_.database.MoveClock(kDue);
  events::AnnouncerOptions small;
  small.batch = 3;
  std::vector<std::unique_ptr<Announcer>> replicas;
  std::vector<async::Task<absl::StatusOr<int64_t>>> rounds;
  for (int i = 0; i < 4; ++i) {
    replicas.push_back(std::make_unique<Announcer>(world_.lane, world_.db, small, observer_));
    rounds.push_back(replicas.back()->Remind());
  }

  const auto counts = world_.WaitAll(std::move(rounds));

  for (const auto& count : counts) ASSERT_TRUE(count.ok()) << count.status();
  Remind();
  EXPECT_EQ(Queued(), "10");
}

TEST_F(RemindersTest, ARenewedInvitationHasOneOfItsOwn) {
  const auto invitation = Invited("vic@example.com");
  world_.database.MoveClock(kDue);
  EXPECT_THAT(RemindAndSend(), ElementsAre("2 to vic@example.com"));

  ASSERT_THAT(Reinvite(invitation.id), test::IsOk());
  EXPECT_THAT(RemindAndSend(), ElementsAre("1 to vic@example.com"));
  world_.database.MoveClock(kDue + kDue);

  EXPECT_THAT(RemindAndSend(), ElementsAre("2 to vic@example.com"));
  EXPECT_THAT(RemindAndSend(), IsEmpty());
}

TEST_F(RemindersTest, AnInvitationThatIsOpenForNoLongerHasNone) {
  auto draft = world_.Draft("vic@example.com");
  draft.lifetime = kBefore;
  ASSERT_THAT(world_.Invite(std::move(draft)), test::IsOk());
  SendAll();

  world_.database.MoveClock(absl::Minutes(1));

  EXPECT_EQ(Remind(), 1) << "it is decided";
  EXPECT_EQ(Queued(), "0");
}

TEST_F(RemindersTest, AMailThatWasSentLateIsReminderEnough) {
  Invite("vic@example.com");
  world_.database.MoveClock(kDue);
  EXPECT_THAT(RemindAndSend(), ElementsAre("1 to vic@example.com"));

  EXPECT_THAT(RemindAndSend(), IsEmpty());
}

TEST_F(RemindersTest, OnlyPendingInvitationsAreRemindedOf) {
  const auto accepted = Invited("accepted@example.com");
  const auto canceled = Invited("canceled@example.com");
  Invited("expired@example.com");
  ASSERT_THAT(world_.Accept(world_.TokenOf(accepted), world_.Person("accepted@example.com")),
              test::IsOk());
  ASSERT_THAT(Cancel(canceled.id), test::IsOk());

  world_.database.MoveClock(kLife + absl::Minutes(1));

  Remind();
  EXPECT_EQ(Queued(), "0");
}

TEST_F(RemindersTest, SuppressedAddressesGetNone) {
  Invited("vic@example.com");
  world_.database.Query(
      "INSERT INTO usher.suppressions (email_key, cause, create_time)"
      " VALUES ('vic@example.com', 2, usher.now())");
  world_.database.MoveClock(kDue);

  EXPECT_EQ(Remind(), 1);

  EXPECT_EQ(Queued(), "0");
}

TEST_F(RemindersTest, OneThatWaitsIsWithdrawnWhenTheInvitationIsAnswered) {
  const auto canceled = Invited("canceled@example.com");
  const auto accepted = Invited("accepted@example.com");
  const auto declined = Invited("declined@example.com");
  const auto renewed = Invited("renewed@example.com");
  world_.database.MoveClock(kDue);
  EXPECT_EQ(Remind(), 4);

  const model::Call service = world_.CallBy();
  ASSERT_THAT(Cancel(canceled.id), test::IsOk());
  ASSERT_THAT(world_.Accept(world_.TokenOf(accepted), world_.Person("accepted@example.com")),
              test::IsOk());
  ASSERT_THAT(world_.Wait(world_.invitations.Decline(service, world_.TokenOf(declined),
                                                     world_.Person("declined@example.com"), false)),
              test::IsOk());
  ASSERT_THAT(Reinvite(renewed.id), test::IsOk());

  EXPECT_THAT(SendAll(), ElementsAre("1 to renewed@example.com"));
}

TEST_F(RemindersTest, DoNotChangeWhatTheInvitationShowsOfItsMail) {
  const auto invitation = Invited("vic@example.com");
  const auto before = world_.Get(invitation.id)->delivery;
  world_.database.MoveClock(kDue);
  Remind();
  const auto reminder = Claim();

  const auto shown = Settle(reminder[0], Outcome::kPermanent, 550);

  EXPECT_EQ(shown->state, model::DeliveryState::kFailed);
  EXPECT_EQ(shown->code, 550);
  const auto after = world_.Get(invitation.id)->delivery;
  EXPECT_EQ(after.state, model::DeliveryState::kSent);
  EXPECT_EQ(after.sent_time, before.sent_time);
  EXPECT_EQ(Events("delivery.%"), "delivery.sent,delivery.failed");
}

TEST_F(RemindersTest, DoNotCountForTheLimits) {
  Invited("vic@example.com");
  world_.database.MoveClock(kDue);
  EXPECT_THAT(RemindAndSend(), ElementsAre("2 to vic@example.com"));
  world_.database.Query("UPDATE usher.organizations SET mails_per_hour = 1");

  EXPECT_THAT(world_.Invite(world_.Draft("wes@example.com")), test::IsOk());
}

}  // namespace
}  // namespace usher::mail
