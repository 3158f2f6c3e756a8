#include "mail/deliveries.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/mails.h"
#include "tests/support/matchers.h"

namespace usher::mail {
namespace {

using model::DeliveryState;
using model::Reason;
using Outcome = SmtpResult::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DeliveriesTest : public test::MailsTest {
 protected:
  absl::StatusOr<std::string> Unsuppress(const std::string& email) {
    const model::Call call = Mailer();
    return world_.Wait(suppressions_.Delete(call, email, std::nullopt));
  }
  // A mail that is queued while another task of the same kind runs.
  async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>> InviteLate() {
    const model::Call inviter = world_.CallBy(world_.ann);
    auto draft = world_.Draft("vic@example.com");
    (void)co_await world_.invitations.Create(inviter, std::move(draft));
    std::vector<ClaimedDelivery> none;
    co_return none;
  }
};

TEST_F(DeliveriesTest, AClaimHasTheWholeMailWithItsLink) {
  const auto invitation = Invite("Vic@Bücher.example");

  const auto claimed = Claim();

  ASSERT_THAT(claimed, SizeIs(1));
  const ComposedMail& mail = claimed[0].mail;
  EXPECT_EQ(mail.recipient, "Vic@xn--bcher-kva.example");
  EXPECT_EQ(mail.sender, "invitations@example.com");
  EXPECT_EQ(mail.accept_uri,
            absl::StrCat("https://app.example.com/accept?token=", world_.TokenOf(invitation)));
  EXPECT_EQ(mail.rendered.subject, "Ann Example invited you to join Acme");
  EXPECT_THAT(mail.rendered.text, HasSubstr(mail.accept_uri));
  EXPECT_THAT(mail.mime, HasSubstr(absl::StrCat("Message-Id: <", mail.message_id, ">")));
  EXPECT_THAT(Claim(), IsEmpty());
}

TEST_F(DeliveriesTest, TwoCallersAtOnceNeverGetTheSame) {
  for (int i = 0; i < 10; ++i) Invite(absl::StrCat("n", i, "@example.com"));
  const model::Call call = Mailer();
  std::vector<async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>>> claims;
  DeliveryClaim four;
  four.most = 4;
  for (int i = 0; i < 3; ++i) claims.push_back(deliveries_.Claim(call, four));

  const auto answers = world_.WaitAll(std::move(claims));

  std::vector<std::string> ids;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    for (const auto& one : *answer) ids.push_back(one.lease.id.ToString());
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_THAT(ids, SizeIs(testing::Ge(4U)));
}

TEST_F(DeliveriesTest, R08TheSameRequestIdGivesTheSameDeliveriesWhileTheirLeaseLasts) {
  Invite("vic@example.com");
  const model::Call call = Mailer("r1");
  const auto first = Claim(call);

  Invite("wes@example.com");
  const auto again = Claim(call);

  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].lease.id, first[0].lease.id);
  EXPECT_EQ(again[0].owner, first[0].owner);
  EXPECT_EQ(again[0].lease.lease_until, first[0].lease.lease_until);
  EXPECT_EQ(again[0].lease.attempt, 1);
}

TEST_F(DeliveriesTest, R08TheSameRequestIdLeasesNothingMoreOnceItsLeasesAreOver) {
  Invite("vic@example.com");
  Invite("wes@example.com");
  const model::Call call = Mailer("r1");
  const auto first = Claim(call);
  ASSERT_THAT(first, SizeIs(2));
  Invite("xi@example.com");

  ASSERT_TRUE(Settle(first[0], Outcome::kSent, 250).ok());
  const auto half_settled = Claim(call);
  world_.database.MoveClock(absl::Minutes(2));
  const auto over = Claim(call);

  ASSERT_THAT(half_settled, SizeIs(1));
  EXPECT_EQ(half_settled[0].lease.id, first[1].lease.id);
  EXPECT_THAT(over, IsEmpty());
  EXPECT_THAT(Claim(), SizeIs(2)) << "what was not sent, and what came later";
}

TEST_F(DeliveriesTest, R08TheSameRequestIdWithOtherContentIsRefused) {
  Invite("vic@example.com");
  model::Call call = Mailer("r1");
  call.change_content = "at most 10";
  Claim(call);

  call.change_content = "at most 20";
  const auto refused = world_.Wait(deliveries_.Claim(call, DeliveryClaim()));

  EXPECT_THAT(refused, test::Refused(absl::StatusCode::kInvalidArgument, Reason::kRequestIdReused));
}

TEST_F(DeliveriesTest, R08TwoCallsOfOneRequestIdAtOnceGetTheSameDeliveries) {
  for (int i = 0; i < 4; ++i) Invite(absl::StrCat("n", i, "@example.com"));
  const model::Call call = Mailer("r1");
  std::vector<async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>>> claims;
  DeliveryClaim two;
  two.most = 2;
  for (int i = 0; i < 5; ++i) claims.push_back(deliveries_.Claim(call, two));

  const auto answers = world_.WaitAll(std::move(claims));

  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_THAT(*answer, SizeIs(2));
    EXPECT_EQ(answer->front().lease.id, answers[0]->front().lease.id);
    EXPECT_EQ(answer->front().owner, answers[0]->front().owner);
  }
  EXPECT_THAT(Claim(), SizeIs(2)) << "the others are free";
}

TEST_F(DeliveriesTest, AnAnswerWithoutDeliveriesIsNotKept) {
  const model::Call call = Mailer("r1");
  EXPECT_THAT(Claim(call), IsEmpty());
  Invite("vic@example.com");

  EXPECT_THAT(Claim(call), SizeIs(1));
}

TEST_F(DeliveriesTest, ToValidateLeasesNothing) {
  Invite("vic@example.com");
  model::Call call = Mailer();
  call.validate_only = true;

  EXPECT_THAT(Claim(call), SizeIs(1));

  const auto claimed = Claim();
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].lease.attempt, 1);
}

TEST_F(DeliveriesTest, WaitsForTheFirstMail) {
  const model::Call call = Mailer();
  std::vector<async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>>> tasks;
  DeliveryClaim patient;
  patient.wait = absl::Seconds(20);
  tasks.push_back(deliveries_.Claim(call, patient));
  tasks.push_back(InviteLate());

  const auto answers = world_.WaitAll(std::move(tasks));

  ASSERT_TRUE(answers[0].ok());
  EXPECT_THAT(*answers[0], SizeIs(1));
}

TEST_F(DeliveriesTest, WhatIsNotWantedIsNotHandedOut) {
  world_.tampered = true;
  const auto canceled = Invite("vic@example.com");
  Invite("wes@example.com");
  world_.database.Query(
      "INSERT INTO usher.suppressions (email_key, cause, create_time)"
      " VALUES ('wes@example.com', 2, usher.now())");
  world_.database.Query(
      "UPDATE usher.invitations SET state = 4, open = false"
      " WHERE email_key = 'vic@example.com'");
  Invite("xi@example.com");

  const auto claimed = Claim();

  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].mail.recipient, "xi@example.com");
  EXPECT_EQ(world_.database.Value("SELECT string_agg(m.state::text, ',' ORDER BY i.email_key)"
                                  " FROM usher.mails m JOIN usher.invitations i"
                                  " ON i.id = m.invitation_id"),
            "4,3,1");
}

TEST_F(DeliveriesTest, SettlingTwiceIsDoneOnce) {
  const auto invitation = Invite("vic@example.com");
  const auto claimed = Claim();

  const auto sent = Settle(claimed[0], Outcome::kSent, 250);
  const auto again = Settle(claimed[0], Outcome::kSent, 250);

  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->state, DeliveryState::kSent);
  EXPECT_TRUE(sent->sent_time.has_value());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state, DeliveryState::kSent);
  EXPECT_EQ(Events("delivery.%"), "delivery.sent");
  EXPECT_EQ(world_.database.Value("SELECT origin ->> 'service' FROM usher.events"
                                  " WHERE type = 'delivery.sent'"),
            "test");
}

TEST_F(DeliveriesTest, ATemporaryFailureTellsWhenToTryAgain) {
  Invite("vic@example.com");

  const auto status = Settle(Claim()[0], Outcome::kTemporary, 451);

  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->state, DeliveryState::kQueued);
  EXPECT_EQ(status->code, 451);
  EXPECT_TRUE(status->next_attempt_time.has_value());
  EXPECT_THAT(Claim(), IsEmpty());
}

TEST_F(DeliveriesTest, ALeaseThatIsOverSettlesUnlessAnotherHasIt) {
  Invite("vic@example.com");
  const auto first = Claim();
  world_.database.MoveClock(absl::Seconds(61));
  const auto second = Claim();
  ASSERT_THAT(second, SizeIs(1));

  EXPECT_THAT(Settle(first[0], Outcome::kSent, 250),
              test::Refused(absl::StatusCode::kNotFound, Reason::kDeliveryNotFound));
  world_.database.MoveClock(absl::Seconds(200));
  EXPECT_TRUE(Settle(second[0], Outcome::kSent, 250).ok());
}

TEST_F(DeliveriesTest, AWithdrawnDeliveryIsNotSettled) {
  world_.tampered = true;
  Invite("vic@example.com");
  const auto claimed = Claim();
  world_.database.Query("UPDATE usher.mails SET state = 4");

  EXPECT_THAT(Settle(claimed[0], Outcome::kSent, 250),
              test::Refused(absl::StatusCode::kNotFound, Reason::kDeliveryNotFound));
  ClaimedDelivery unknown = claimed[0];
  unknown.lease.id = model::MailId(model::Uuid{7});
  EXPECT_THAT(Settle(unknown, Outcome::kSent, 250),
              test::Refused(absl::StatusCode::kNotFound, Reason::kDeliveryNotFound));
}

TEST_F(DeliveriesTest, AHardBounceFailsTheDeliveryAndSuppressesTheAddress) {
  const auto invitation = Invite("Vic@example.com");
  const auto claimed = Claim();
  ASSERT_TRUE(Settle(claimed[0], Outcome::kSent, 250).ok());

  const auto bounced = Report(claimed[0], mail::Report::kHardBounce);
  const auto again = Report(claimed[0], mail::Report::kHardBounce);

  ASSERT_TRUE(bounced.ok()) << bounced.status();
  EXPECT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(bounced->state, DeliveryState::kFailed);
  EXPECT_EQ(bounced->detail, "mailbox is gone");
  EXPECT_EQ(world_.Get(invitation.id)->delivery.code, 550);
  const auto suppressed = Suppressed();
  ASSERT_THAT(suppressed, SizeIs(1));
  EXPECT_EQ(suppressed[0].email_key, "vic@example.com");
  EXPECT_EQ(suppressed[0].cause, SuppressionCause::kHardBounce);
  EXPECT_FALSE(suppressed[0].organization.has_value());
  EXPECT_EQ(Events("%e%.reported"), "delivery.reported");
  EXPECT_EQ(Events("suppression.%"), "suppression.created");
}

TEST_F(DeliveriesTest, AComplaintSuppressesAndASoftBounceIsOnlyRecorded) {
  Invite("vic@example.com");
  Invite("wes@example.com");
  const auto claimed = Claim();
  for (const auto& one : claimed) ASSERT_TRUE(Settle(one, Outcome::kSent, 250).ok());

  EXPECT_EQ(Report(claimed[0], mail::Report::kSoftBounce)->state, DeliveryState::kSent);
  EXPECT_THAT(Suppressed(), IsEmpty());
  EXPECT_EQ(Report(claimed[1], mail::Report::kComplaint)->state, DeliveryState::kSent);

  const auto suppressed = Suppressed();
  ASSERT_THAT(suppressed, SizeIs(1));
  EXPECT_EQ(suppressed[0].email_key, claimed[1].mail.recipient);
  EXPECT_EQ(suppressed[0].cause, SuppressionCause::kComplaint);
  EXPECT_EQ(Events("delivery.reported"), "delivery.reported,delivery.reported");
}

TEST_F(DeliveriesTest, ASuppressionIsDeletedOnce) {
  world_.database.Query(
      "INSERT INTO usher.suppressions (email_key, cause, create_time)"
      " VALUES ('vic@example.com', 1, usher.now())");

  EXPECT_TRUE(Unsuppress("vic@example.com").ok());
  EXPECT_THAT(Unsuppress("vic@example.com"),
              test::Refused(absl::StatusCode::kNotFound, Reason::kSuppressionNotFound));

  EXPECT_EQ(Events("suppression.%"), "suppression.deleted");
}

TEST_F(DeliveriesTest, SuppressionsAreListedInEachOrderPageByPage) {
  world_.database.Query(absl::StrCat(
      "INSERT INTO usher.suppressions (organization_id, email_key, cause, create_time)"
      " SELECT CASE WHEN n % 2 = 0 THEN o.id END, 'n' || n % 5 || '@example.com', 1 + n % 3,"
      " usher.now() - n % 4 * interval '1 hour'"
      " FROM usher.organizations o, generate_series(1, 10) n"));
  const std::vector<std::pair<bool, bool>> orders = {
      {false, false}, {false, true}, {true, false}, {true, true}};
  for (const auto& [by_email, descending] : orders) {
    SuppressionQuery query;
    query.by_email = by_email;
    query.descending = descending;
    query.page_size = 3;
    std::vector<std::string> seen;
    do {
      const model::Call call = Mailer();
      const auto page = world_.Wait(suppressions_.List(call, query));
      ASSERT_TRUE(page.ok()) << page.status();
      for (const auto& one : page->suppressions) {
        seen.push_back(by_email ? one.email_key : absl::FormatTime(one.create_time));
      }
      query.after = page->next;
    } while (query.after);

    EXPECT_THAT(seen, SizeIs(10));
    if (descending) std::reverse(seen.begin(), seen.end());
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  }
}

TEST_F(DeliveriesTest, SuppressionsAreFiltered) {
  world_.database.Query(
      "INSERT INTO usher.suppressions (organization_id, email_key, cause, create_time)"
      " SELECT NULL::uuid, 'vic@example.com', 1, usher.now()"
      " UNION ALL SELECT o.id, 'vic@example.com', 3, usher.now() - interval '1 day'"
      " FROM usher.organizations o");
  SuppressionQuery of_acme;
  of_acme.organization = world_.acme;
  SuppressionQuery bounces;
  bounces.causes = {SuppressionCause::kHardBounce};
  SuppressionQuery recent;
  recent.start = absl::Now() - absl::Hours(1);
  SuppressionQuery of_nobody;
  of_nobody.email_key = "wes@example.com";

  EXPECT_THAT(Suppressed(of_acme), SizeIs(1));
  EXPECT_EQ(Suppressed(bounces)[0].cause, SuppressionCause::kHardBounce);
  EXPECT_THAT(Suppressed(recent), SizeIs(1));
  EXPECT_THAT(Suppressed(of_nobody), IsEmpty());
}

TEST_F(DeliveriesTest, AnInvitationShowsWhenItsMailIsTriedNext) {
  const auto invitation = Invite("vic@example.com");
  EXPECT_EQ(invitation.delivery.next_attempt_time, invitation.create_time);
  EXPECT_EQ(world_.Get(invitation.id)->delivery.next_attempt_time, invitation.create_time);

  const auto waits = Settle(Claim()[0], Outcome::kTemporary, 451);

  EXPECT_GT(*waits->next_attempt_time, invitation.create_time);
  EXPECT_EQ(world_.Get(invitation.id)->delivery.next_attempt_time, waits->next_attempt_time);
  const model::Call call = world_.CallBy(world_.ann);
  invitations::InvitationQuery query;
  query.organization = world_.acme;
  const auto page = world_.Wait(world_.invitations.List(call, std::move(query)));
  EXPECT_EQ(page->invitations[0].delivery.next_attempt_time, waits->next_attempt_time);
}

TEST_F(DeliveriesTest, AnInvitationWhoseMailDoesNotWaitShowsNoNextAttempt) {
  const auto sent = Invite("sent@example.com");
  ASSERT_THAT(Settle(Claim()[0], Outcome::kSent, 250), test::IsOk());
  const auto canceled = Invite("canceled@example.com");

  const auto answer = Cancel(canceled.id);

  EXPECT_EQ(answer->invitation.delivery.next_attempt_time, std::nullopt);
  EXPECT_EQ(world_.Get(canceled.id)->delivery.next_attempt_time, std::nullopt);
  EXPECT_EQ(world_.Get(sent.id)->delivery.next_attempt_time, std::nullopt);
}

}  // namespace
}  // namespace usher::mail
