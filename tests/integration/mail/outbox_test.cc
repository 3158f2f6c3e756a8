#include "mail/outbox.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/world.h"

namespace usher::mail {
namespace {

using Outcome = SmtpResult::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class OutboxTest : public testing::Test {
 protected:
  static model::Uuid Sender(uint8_t number) { return model::Uuid{number}; }
  async::Instant Soon() { return world_.lane.now() + std::chrono::seconds(20); }

  ClaimRequest Request(uint8_t sender, int most) {
    ClaimRequest request;
    request.owner = Sender(sender);
    request.lease = absl::Minutes(2);
    request.most = most;
    return request;
  }
  std::vector<LeasedMail> Claim(uint8_t sender = 1, int most = 10) {
    auto claimed = world_.Wait(outbox_.Claim(Soon(), Request(sender, most)));
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    return claimed.value_or(std::vector<LeasedMail>());
  }
  bool Settle(const LeasedMail& mail, Outcome outcome, int code = 0, uint8_t sender = 1,
              absl::Duration least_delay = absl::ZeroDuration()) {
    Settlement settlement;
    settlement.organization = mail.organization;
    settlement.id = mail.id;
    settlement.owner = Sender(sender);
    settlement.outcome = outcome;
    settlement.code = code;
    settlement.detail = "said so";
    settlement.least_delay = least_delay;
    auto settled = world_.Wait(outbox_.Settle(Soon(), std::move(settlement)));
    EXPECT_TRUE(settled.ok()) << settled.status();
    return settled.value_or(false);
  }
  invitations::Invitation Invite(const std::string& email) {
    return world_.Invite(world_.Draft(email))->invitation;
  }
  // Mails of an organization of its own, as if as many people had been invited.
  void Fill(const std::string& name, int mails) {
    const auto created = world_.AddOrganization(name, name + "@example.com");
    invitations::NewInvitation draft = world_.Draft("first@example.com");
    draft.organization = created.organization.id;
    const model::Call call = world_.CallBy(created.first_super_user);
    ASSERT_TRUE(world_.Wait(world_.invitations.Create(call, std::move(draft))).ok());
    world_.tampered = true;
    world_.database.Query(
        absl::StrCat("INSERT INTO usher.mails (organization_id, id, invitation_id, generation, "
                     "next_attempt_time,"
                     " create_time, update_time) SELECT m.organization_id, gen_random_uuid(), "
                     "m.invitation_id, 1,"
                     " usher.now() - interval '1 hour', usher.now(), usher.now() FROM usher.mails m"
                     " JOIN usher.organizations o ON o.id = m.organization_id, generate_series(2, ",
                     mails, ") WHERE o.name = '", name, "'"));
  }
  std::string Minutes() {
    return world_.database.Value(
        "SELECT extract(epoch FROM next_attempt_time - update_time)::int / 60 FROM usher.mails");
  }

  test::World world_;
  Outbox outbox_{world_.db};
};

TEST_F(OutboxTest, GivesAMailWithWhatItSays) {
  const auto invitation = Invite("Vic@Example.com");

  const auto claimed = Claim();

  ASSERT_THAT(claimed, SizeIs(1));
  const LeasedMail& mail = claimed[0];
  EXPECT_TRUE(mail.wanted);
  EXPECT_FALSE(mail.suppressed);
  EXPECT_EQ(mail.attempt, 1);
  EXPECT_EQ(mail.claims.invitation, invitation.id);
  EXPECT_EQ(mail.recipient, "Vic@Example.com");
  EXPECT_EQ(mail.mail.organization_name, "Acme");
  EXPECT_EQ(mail.mail.inviter_name, "Ann Example");
  EXPECT_EQ(mail.mail.last_name, "Family");
  EXPECT_TRUE(mail.mail.all_sites);
  EXPECT_EQ(mail.mail.expire_time, invitation.expire_time);
  EXPECT_THAT(Claim(), IsEmpty());
}

TEST_F(OutboxTest, R35SendersAtTheSameTimeShareTheMailsWithoutOverlap) {
  for (int i = 0; i < 20; ++i) Invite(absl::StrCat("n", i, "@example.com"));

  std::vector<async::Task<absl::StatusOr<std::vector<LeasedMail>>>> claims;
  for (uint8_t sender = 1; sender <= 5; ++sender) {
    claims.push_back(outbox_.Claim(Soon(), Request(sender, 4)));
  }
  const auto answers = world_.WaitAll(std::move(claims));

  std::set<model::MailId> claimed;
  size_t leases = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    for (const LeasedMail& mail : *answer) claimed.insert(mail.id);
    leases += answer->size();
  }
  EXPECT_EQ(claimed.size(), leases);
  EXPECT_GE(leases, 4U);
}

TEST_F(OutboxTest, ManyMailsOfOneOrganizationDoNotHoldUpTheOthers) {
  Fill("Big", 10'000);
  Fill("Small", 2);
  Invite("vic@example.com");

  const auto claimed = Claim(1, 4);

  std::multiset<std::string> organizations;
  for (const LeasedMail& mail : claimed) organizations.insert(mail.mail.organization_name);
  EXPECT_THAT(organizations, testing::UnorderedElementsAre("Acme", "Big", "Big", "Small"));
}

TEST_F(OutboxTest, OrganizationsHaveTurnsWhenOneMailIsClaimedAtATime) {
  Fill("Big", 1000);
  Fill("Small", 3);
  ClaimRequest request = Request(1, 1);
  std::vector<std::string> served;

  for (int i = 0; i < 6; ++i) {
    const auto claimed = world_.Wait(outbox_.Claim(Soon(), request));
    ASSERT_THAT(*claimed, SizeIs(1));
    served.push_back(claimed->front().mail.organization_name);
    request.after = claimed->front().organization;
  }

  EXPECT_THAT(served, ElementsAre("Big", "Small", "Big", "Small", "Big", "Small"));
}

TEST_F(OutboxTest, OneOrganizationsMailCanBeAskedFor) {
  Fill("Big", 10);
  Invite("vic@example.com");
  ClaimRequest request = Request(1, 5);
  request.only = world_.acme;

  const auto claimed = world_.Wait(outbox_.Claim(Soon(), std::move(request)));

  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().organization, world_.acme);
}

TEST_F(OutboxTest, R35ALeaseThatIsOverIsTakenByAnotherAndItsOwnerSettlesNothing) {
  Invite("vic@example.com");
  const auto first = Claim(1);
  world_.database.MoveClock(absl::Minutes(2) + absl::Seconds(1));

  const auto second = Claim(2);

  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_FALSE(Settle(first[0], Outcome::kPermanent, 550, 1));
  EXPECT_TRUE(Settle(second[0], Outcome::kSent, 250, 2));
  EXPECT_FALSE(Settle(second[0], Outcome::kPermanent, 550, 2));
}

TEST_F(OutboxTest, SentShowsOnTheInvitationAndMakesOneEvent) {
  const auto invitation = Invite("vic@example.com");

  EXPECT_TRUE(Settle(Claim()[0], Outcome::kSent, 250));

  const auto read = world_.Get(invitation.id);
  EXPECT_EQ(read->delivery.state, model::DeliveryState::kSent);
  EXPECT_EQ(read->delivery.attempts, 1);
  EXPECT_TRUE(read->delivery.sent_time.has_value());
  EXPECT_EQ(world_.database.Value("SELECT string_agg(type || (after ->> 'smtp_code'), ',')"
                                  " FROM usher.events WHERE type LIKE 'delivery.%'"),
            "delivery.sent250");
}

TEST_F(OutboxTest, R33PermanentFailureShowsItsCodeAndMakesOneEvent) {
  const auto invitation = Invite("vic@example.com");

  EXPECT_TRUE(Settle(Claim()[0], Outcome::kPermanent, 550));

  const auto read = world_.Get(invitation.id);
  EXPECT_EQ(read->state, model::InvitationState::kPending);
  EXPECT_EQ(read->delivery.state, model::DeliveryState::kFailed);
  EXPECT_EQ(read->delivery.code, 550);
  EXPECT_EQ(read->delivery.detail, "said so");
  EXPECT_EQ(world_.database.Value("SELECT string_agg(type, ',') FROM usher.events"
                                  " WHERE type LIKE 'delivery.%'"),
            "delivery.failed");
  world_.database.MoveClock(absl::Hours(2));
  EXPECT_THAT(Claim(), IsEmpty());
}

TEST_F(OutboxTest, R33TemporaryFailuresAreTriedAgainMoreAndMoreRarely) {
  Invite("vic@example.com");
  std::vector<std::string> waits;
  absl::Duration passed;

  for (int i = 0; i < 6; ++i) {
    const auto claimed = Claim();
    ASSERT_THAT(claimed, SizeIs(1));
    Settle(claimed[0], Outcome::kTemporary, 451);
    waits.push_back(Minutes());
    EXPECT_THAT(Claim(), IsEmpty());
    passed += absl::Minutes(std::stoi(waits.back())) + absl::Seconds(1);
    world_.database.MoveClock(passed);
  }

  EXPECT_THAT(waits, ElementsAre("1", "5", "15", "30", "60", "60"));
}

TEST_F(OutboxTest, GreylistingAndUnknownOutcomesWaitLonger) {
  Invite("vic@example.com");

  Settle(Claim()[0], Outcome::kTemporary, 451, 1, absl::Minutes(5));
  EXPECT_EQ(Minutes(), "5");

  world_.database.MoveClock(absl::Minutes(6));
  Settle(Claim()[0], Outcome::kAmbiguous, 354);
  EXPECT_EQ(Minutes(), "10");
}

TEST_F(OutboxTest, R33GivesUpAfterThreeDays) {
  invitations::NewInvitation draft = world_.Draft("vic@example.com");
  draft.lifetime = absl::Hours(24 * 30);
  const auto invitation = world_.Invite(std::move(draft))->invitation;
  world_.database.MoveClock(absl::Hours(72) - absl::Minutes(30));

  Settle(Claim()[0], Outcome::kTemporary, 451);
  EXPECT_EQ(world_.Get(invitation.id)->delivery.state, model::DeliveryState::kQueued);
  world_.database.MoveClock(absl::Hours(72) - absl::Minutes(3));
  Settle(Claim()[0], Outcome::kTemporary, 451);

  EXPECT_EQ(world_.Get(invitation.id)->delivery.state, model::DeliveryState::kFailed);
  EXPECT_EQ(world_.database.Value("SELECT count(*) FROM usher.events"
                                  " WHERE type = 'delivery.failed'"),
            "1");
}

TEST_F(OutboxTest, R33GivesUpWhenTheNextAttemptWouldComeTooLate) {
  invitations::NewInvitation draft = world_.Draft("vic@example.com");
  draft.lifetime = absl::Minutes(5);
  const auto invitation = world_.Invite(std::move(draft))->invitation;
  world_.database.MoveClock(absl::Minutes(4) + absl::Seconds(30));

  Settle(Claim()[0], Outcome::kTemporary, 451);

  EXPECT_EQ(world_.Get(invitation.id)->delivery.state, model::DeliveryState::kFailed);
}

TEST_F(OutboxTest, R22AMailWithAnOlderLinkIsWithdrawnAlsoWhileItIsBeingSent) {
  const auto invitation = Invite("vic@example.com");
  const auto claimed = Claim();
  invitations::Renewal renewal;
  renewal.organization = world_.acme;
  renewal.id = invitation.id;
  const model::Call call = world_.CallBy(world_.ann);
  ASSERT_TRUE(world_.Wait(world_.invitations.Reinvite(call, std::move(renewal))).ok());
  world_.database.MoveClock(absl::Minutes(3));

  EXPECT_FALSE(Settle(claimed[0], Outcome::kSent, 250));
  const auto again = Claim(2);

  ASSERT_THAT(again, SizeIs(1));
  EXPECT_TRUE(again[0].wanted);
  EXPECT_EQ(again[0].claims.generation, 2U);
  EXPECT_EQ(world_.Get(invitation.id)->delivery.state, model::DeliveryState::kQueued);
}

TEST_F(OutboxTest, AMailThatCameTooLateIsWithdrawnAndShowsAsGivenUp) {
  const auto invitation = Invite("vic@example.com");
  world_.database.MoveClock(absl::Hours(169));
  const auto claimed = Claim();
  ASSERT_FALSE(claimed[0].wanted);

  EXPECT_TRUE(world_.Wait(outbox_.Withdraw(Soon(), claimed[0], Sender(1))).ok());

  EXPECT_EQ(world_.database.Value("SELECT state FROM usher.mails"), "4");
  EXPECT_EQ(world_.Get(invitation.id)->delivery.state, model::DeliveryState::kFailed);
}

TEST_F(OutboxTest, WhatIsHandedBackIsAsIfItHadNotBeenClaimed) {
  Invite("vic@example.com");
  Invite("wes@example.com");
  const auto claimed = Claim(1);

  EXPECT_TRUE(world_.Wait(outbox_.HandBack(Soon(), claimed, Sender(1))).ok());

  const auto again = Claim(2);
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(again[0].attempt, 1);
}

TEST_F(OutboxTest, TellsOfSuppressedAddresses) {
  Invite("vic@example.com");
  Invite("wes@example.com");
  Invite("xi@example.com");
  world_.database.Query(
      "INSERT INTO usher.suppressions (email_key, organization_id, cause, create_time)"
      " SELECT 'vic@example.com', NULL::uuid, 1, usher.now()"
      " UNION ALL SELECT 'wes@example.com', id, 3, usher.now() FROM usher.organizations"
      "");

  const auto claimed = Claim();

  ASSERT_THAT(claimed, SizeIs(3));
  for (const LeasedMail& mail : claimed) {
    EXPECT_EQ(mail.suppressed, mail.recipient != "xi@example.com") << mail.recipient;
  }
}

TEST_F(OutboxTest, CountsWhatWaits) {
  Invite("vic@example.com");
  world_.database.MoveClock(absl::Minutes(7));

  const auto figures = world_.Wait(outbox_.Figures(Soon()));

  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(figures->depth, 1);
  EXPECT_GE(figures->oldest, absl::Minutes(7));
}

}  // namespace
}  // namespace usher::mail
