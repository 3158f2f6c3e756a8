#include "tests/integration/invitations/inviting.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;

class RulesTest : public InvitingTest {
 protected:
  Answer InviteTo(const std::string& email) { return world.Invite(world.Draft(email)); }
  Answer InviteWithRedirect(const std::string& uri) {
    auto draft = world.Draft(absl::StrCat("p", ++people_, "@example.com"));
    draft.redirect_uri = *model::Uri::Parse(uri);
    return world.Invite(draft);
  }
  static auto IsOfNoDomain() {
    return Refused(StatusCode::kFailedPrecondition, Reason::kDomainNotAllowed);
  }
  static auto LeadsElsewhere() {
    return Refused(StatusCode::kFailedPrecondition, Reason::kRedirectUriNotAllowed);
  }
  static auto HasOptedOut() {
    return Refused(StatusCode::kFailedPrecondition, Reason::kRecipientOptedOut);
  }
  absl::Status Decline(const invitations::Invitation& invitation, const std::string& email,
                       bool do_not_ask_again) {
    const model::Call call = world.CallBy();
    return world
        .Wait(world.invitations.Decline(call, world.TokenOf(invitation), World::Person(email),
                                        do_not_ask_again))
        .status();
  }

 private:
  int people_ = 0;
};

TEST_F(RulesTest, OnlyAllowedDomainsAreInvited) {
  Set("allowed_domains = '{example.com,*.example.net,xn--bcher-kva.example}'");

  EXPECT_THAT(InviteTo("a@Example.COM"), IsOk());
  EXPECT_THAT(InviteTo("a@sub.example.com"), IsOfNoDomain());
  EXPECT_THAT(InviteTo("a@deep.sub.example.net"), IsOk());
  EXPECT_THAT(InviteTo("a@example.net"), IsOfNoDomain());
  EXPECT_THAT(InviteTo("a@badexample.net"), IsOfNoDomain());
  EXPECT_THAT(InviteTo("a@bücher.example"), IsOk());
  const Answer refused = InviteTo("a@example.org");
  ASSERT_THAT(refused, IsOfNoDomain());
  EXPECT_EQ(model::RefusalOf(refused.status())->metadata[0].second, "example.org");
  EXPECT_EQ(Count("invitations"), 3);
}

TEST_F(RulesTest, DeniedDomainsAreNotInvitedEvenIfAllowed) {
  Set("allowed_domains = '{*.example.com}', denied_domains = "
      "'{bad.example.com,*.bad.example.com}'");

  EXPECT_THAT(InviteTo("a@good.example.com"), IsOk());
  EXPECT_THAT(InviteTo("a@bad.example.com"), IsOfNoDomain());
  EXPECT_THAT(InviteTo("a@very.bad.example.com"), IsOfNoDomain());
}

TEST_F(RulesTest, RedirectUriIsBelowOneOfTheOrganizations) {
  EXPECT_THAT(InviteWithRedirect("https://app.example.com/"), LeadsElsewhere());
  Set("redirect_uris = '{https://app.example.com,https://other.example.com/in}'");

  EXPECT_THAT(InviteWithRedirect("https://APP.example.com:443/any/where?x=1#y"), IsOk());
  EXPECT_THAT(InviteWithRedirect("https://other.example.com/in"), IsOk());
  EXPECT_THAT(InviteWithRedirect("https://other.example.com/in/side"), IsOk());
  EXPECT_THAT(InviteWithRedirect("https://other.example.com/inside"), LeadsElsewhere());
  EXPECT_THAT(InviteWithRedirect("https://other.example.com/"), LeadsElsewhere());
  EXPECT_THAT(InviteWithRedirect("https://app.example.com.evil.example/"), LeadsElsewhere());
  EXPECT_THAT(InviteWithRedirect("https://app.example.com:8443/"), LeadsElsewhere());
}

TEST_F(RulesTest, RedirectUriIsKeptAsTyped) {
  Set("redirect_uris = '{https://app.example.com}'");

  const Answer created = InviteWithRedirect("https://APP.example.com/Done?x=1");

  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(world.Get(created->invitation.id)->redirect_uri, "https://APP.example.com/Done?x=1");
}

TEST_F(RulesTest, LocaleIsTheOrganizationsUnlessTheCallSays) {
  Set("default_locale = 'de'");
  auto french = world.Draft("b@example.com");
  french.locale = "fr";

  EXPECT_EQ(InviteTo("a@example.com")->invitation.locale, "de");
  EXPECT_EQ(world.Invite(french)->invitation.locale, "fr");
  EXPECT_EQ((*Batch(To(Emails("p", 1))))[0]->invitation.locale, "de");
}

TEST_F(RulesTest, WhoDeclinedForGoodIsNotAskedAgainByThisOrganization) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  const auto invitation = InviteTo("kai@example.com")->invitation;
  ASSERT_THAT(Decline(invitation, "kai@example.com", true), IsOk());
  auto elsewhere = world.Draft("kai@example.com");
  elsewhere.organization = birch.organization.id;
  const model::Call service = world.CallBy();

  EXPECT_THAT(InviteTo("Kai@Example.com"), HasOptedOut());
  EXPECT_THAT(Reinvite(invitation.id), HasOptedOut());
  EXPECT_THAT(world.Wait(world.invitations.Create(service, elsewhere)), IsOk());
  world.database.Query("DELETE FROM usher.suppressions");
  EXPECT_THAT(Reinvite(invitation.id), IsOk());
}

TEST_F(RulesTest, WhoJustDeclinedMayBeAskedAgain) {
  const auto invitation = InviteTo("kai@example.com")->invitation;

  ASSERT_THAT(Decline(invitation, "kai@example.com", false), IsOk());

  EXPECT_THAT(Reinvite(invitation.id), IsOk());
}

TEST_F(RulesTest, NobodyInvitesAnAddressWhoseMailComesBack) {
  world.database.Query(
      "INSERT INTO usher.suppressions (email_key, cause, create_time) "
      "VALUES ('kai@example.com', 1, now())");

  EXPECT_THAT(InviteTo("kai@example.com"), HasOptedOut());
  const Answers answers = Batch(To(std::vector<std::string>{"kai@example.com", "a@example.com"}));
  EXPECT_THAT((*answers)[0], HasOptedOut());
  EXPECT_THAT((*answers)[1], IsOk());
}

}  // namespace
}  // namespace usher::test
