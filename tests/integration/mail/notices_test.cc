#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/mails.h"
#include "tests/support/matchers.h"

namespace usher::mail {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// What inviters are told of answers.
class NoticesTest : public test::MailsTest {
 protected:
  NoticesTest() { world_.database.Query("UPDATE usher.organizations SET notify_inviter = true"); }

  // An invitation whose mail has been sent.
  invitations::Invitation Invited(const std::string& email) {
    auto invitation = Invite(email);
    EXPECT_THAT(SendAll(), ElementsAre(absl::StrCat("1 to ", email)));
    return invitation;
  }
  void Accept(const invitations::Invitation& invitation) {
    model::Call call = world_.CallBy();
    call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    ASSERT_THAT(world_.Wait(world_.invitations.Accept(call, world_.TokenOf(invitation),
                                                      world_.Person(invitation.email))),
                test::IsOk());
  }
  void Decline(const invitations::Invitation& invitation) {
    const model::Call call = world_.CallBy();
    ASSERT_THAT(world_.Wait(world_.invitations.Decline(call, world_.TokenOf(invitation),
                                                       world_.Person(invitation.email), false)),
                test::IsOk());
  }
  // Another Super User of Acme.
  model::UserId SuperUser(const std::string& email) {
    auto draft = world_.Draft(email);
    draft.role = model::Role::kSuperUser;
    const auto user = world_.Join(std::move(draft));
    SendAll();
    return user;
  }
  invitations::Invitation InvitedBy(model::UserId inviter, const std::string& email) {
    const model::Call call = world_.CallBy(inviter);
    auto draft = world_.Draft(email);
    auto created = world_.Wait(world_.invitations.Create(call, std::move(draft)));
    EXPECT_THAT(created, test::IsOk());
    SendAll();
    return created->invitation;
  }
  std::string Queued() {
    return world_.database.Value("SELECT count(*) FROM usher.mails WHERE state = 1");
  }
};

TEST_F(NoticesTest, AnInviterIsToldOfAnAcceptance) {
  world_.database.Query("UPDATE usher.users SET locale = 'de' WHERE email_key = 'ann@example.com'");
  const auto invitation = Invited("vic@example.com");

  Accept(invitation);

  const auto claimed = Claim();
  ASSERT_THAT(claimed, SizeIs(1));
  const ComposedMail& mail = claimed[0].mail;
  EXPECT_EQ(claimed[0].lease.mail.kind, Kind::kAccepted);
  EXPECT_EQ(claimed[0].lease.claims.invitation, invitation.id);
  EXPECT_EQ(claimed[0].lease.traceparent,
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(mail.recipient, "ann@example.com");
  EXPECT_EQ(mail.rendered.subject, "Given Family hat Ihre Einladung zu Acme angenommen");
  EXPECT_THAT(mail.rendered.text,
              AllOf(HasSubstr("Guten Tag Ann Example,"), HasSubstr("vic@example.com")));
}

TEST_F(NoticesTest, AnInviterIsToldOfADeclineInTheOrganizationsLanguage) {
  world_.database.Query("UPDATE usher.organizations SET default_locale = 'fr'");
  const auto invitation = Invited("vic@example.com");

  Decline(invitation);

  const auto claimed = Claim();
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].lease.mail.kind, Kind::kDeclined);
  EXPECT_EQ(claimed[0].mail.recipient, "ann@example.com");
  EXPECT_EQ(claimed[0].mail.rendered.subject,
            "Given Family a refusé votre invitation à rejoindre Acme");
}

TEST_F(NoticesTest, HaveNoTokenAnywhere) {
  const auto invitation = Invited("vic@example.com");
  Accept(invitation);

  const auto claimed = Claim();

  ASSERT_THAT(claimed, SizeIs(1));
  const ComposedMail& mail = claimed[0].mail;
  EXPECT_EQ(mail.accept_uri, "");
  for (const std::string& text : {mail.mime, mail.rendered.text, mail.rendered.html}) {
    EXPECT_THAT(text, AllOf(Not(HasSubstr(world_.TokenOf(invitation))), Not(HasSubstr("token")),
                            Not(HasSubstr("ush_"))));
  }
}

TEST_F(NoticesTest, AreNotSentUnlessTheOrganizationWantsThem) {
  world_.database.Query("UPDATE usher.organizations SET notify_inviter = false");
  Accept(Invited("vic@example.com"));
  Decline(Invited("wes@example.com"));

  EXPECT_EQ(Queued(), "0");
}

TEST_F(NoticesTest, ARepeatedAnswerIsToldOnce) {
  const auto accepted = Invited("vic@example.com");
  const auto declined = Invited("wes@example.com");
  Accept(accepted);
  Accept(accepted);
  Decline(declined);
  Decline(declined);

  EXPECT_THAT(SendAll(), ElementsAre("3 to ann@example.com", "4 to ann@example.com"));
}

TEST_F(NoticesTest, AnInviterWhoIsNoMemberAnyMoreIsNotTold) {
  world_.database.Query("UPDATE usher.organizations SET inviter_departure_policy = 2");
  const auto oz = SuperUser("oz@example.com");
  const auto invitation = InvitedBy(oz, "vic@example.com");
  const auto later = InvitedBy(oz, "wes@example.com");
  Accept(later);
  const model::Call call = world_.CallBy(world_.ann);
  directory::MembershipChange change{{world_.acme, oz, std::nullopt}, std::nullopt};
  ASSERT_THAT(world_.Wait(world_.directory.SuspendMembership(call, std::move(change))),
              test::IsOk());

  Accept(invitation);

  EXPECT_EQ(Queued(), "1") << "only what was queued before";
  EXPECT_THAT(SendAll(), IsEmpty());
  EXPECT_EQ(Queued(), "0");
}

TEST_F(NoticesTest, ThereIsNobodyToTellWhenAServiceInvited) {
  const model::Call call = world_.CallBy();
  auto draft = world_.Draft("vic@example.com");
  const auto created = world_.Wait(world_.invitations.Create(call, std::move(draft)));
  ASSERT_THAT(created, test::IsOk());
  SendAll();

  Accept(created->invitation);

  EXPECT_EQ(Queued(), "0");
}

TEST_F(NoticesTest, AnAnswerThatIsOvertakenIsNotTold) {
  const auto invitation = Invited("vic@example.com");
  Decline(invitation);
  const model::Call call = world_.CallBy(world_.ann);
  invitations::Renewal renewal;
  renewal.organization = world_.acme;
  renewal.id = invitation.id;

  ASSERT_THAT(world_.Wait(world_.invitations.Reinvite(call, std::move(renewal))), test::IsOk());

  EXPECT_THAT(SendAll(), ElementsAre("1 to vic@example.com"));
}

TEST_F(NoticesTest, ABounceSuppressesTheInviterAndLeavesTheInvitationAlone) {
  const auto invitation = Invited("vic@example.com");
  Decline(invitation);
  const auto claimed = Claim();
  ASSERT_THAT(Settle(claimed[0], Outcome::kSent, 250), test::IsOk());

  const auto shown = Report(claimed[0], mail::Report::kHardBounce);

  EXPECT_EQ(shown->state, model::DeliveryState::kFailed);
  EXPECT_EQ(world_.Get(invitation.id)->delivery.state, model::DeliveryState::kSent);
  const auto suppressed = Suppressed();
  ASSERT_THAT(suppressed, SizeIs(1));
  EXPECT_EQ(suppressed[0].email_key, "ann@example.com");
}

TEST_F(NoticesTest, AreTriedForThreeDaysWheneverTheInvitationWouldHaveExpired) {
  const auto invitation = Invited("vic@example.com");
  world_.database.MoveClock(absl::Hours(167) + absl::Minutes(50));
  Accept(invitation);
  const auto claimed = Claim();
  world_.database.MoveClock(absl::Hours(168));

  EXPECT_EQ(Settle(claimed[0], Outcome::kTemporary, 451)->state, model::DeliveryState::kQueued);
}

class NoticesWithoutMailTest : public testing::Test {
 protected:
  test::World world_{invitations::MailMode::kDisabled};
};

TEST_F(NoticesWithoutMailTest, R34AreNotQueued) {
  world_.database.Query("UPDATE usher.organizations SET notify_inviter = true");

  world_.Join(world_.Draft("vic@example.com"));

  EXPECT_EQ(world_.database.Value("SELECT count(*) FROM usher.mails"), "0");
}

}  // namespace
}  // namespace usher::mail
