#include "mail/invitation_mail.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace usher::mail {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

InvitationMail AnInvitation() {
  InvitationMail mail;
  mail.organization_name = "Acme";
  mail.inviter_name = "Ann Lee";
  mail.first_name = "Vic";
  mail.last_name = "Young";
  mail.email = "vic@example.com";
  mail.role = model::Role::kNetworkAdmin;
  mail.all_sites = true;
  mail.expire_time =
      absl::FromCivil(absl::CivilSecond(2025, 3, 17, 23, 50, 0), absl::UTCTimeZone());
  mail.accept_uri = "https://app.example.com/accept?token=ush_abc&x=1";
  return mail;
}

RenderedMail Rendered(const InvitationMail& mail) {
  const auto templates = InvitationTemplates::Load();
  EXPECT_TRUE(templates.ok()) << templates.status();
  auto rendered = templates->Render(mail);
  EXPECT_TRUE(rendered.ok()) << rendered.status();
  return rendered.value_or(RenderedMail{});
}

TEST(InvitationMailTest, SaysWhoInvitesWhereAndAsWhat) {
  const RenderedMail mail = Rendered(AnInvitation());

  EXPECT_EQ(mail.subject, "Ann Lee invited you to join Acme");
  for (const std::string& body : {mail.text, mail.html}) {
    EXPECT_THAT(body, AllOf(HasSubstr("Hello Vic"), HasSubstr("Ann Lee"), HasSubstr("Acme"),
                            HasSubstr("Network Admin"), HasSubstr("vic@example.com")));
  }
}

TEST(InvitationMailTest, TextReadsAsALetter) {
  InvitationMail mail = AnInvitation();
  mail.note = "See you on Monday.\nBring the R&D badge.";

  EXPECT_EQ(Rendered(mail).text,
            "Hello Vic,\n"
            "\n"
            "Ann Lee has invited you to join Acme.\n"
            "\n"
            "A note for you:\n"
            "\n"
            "> See you on Monday.\n"
            "> Bring the R&D badge.\n"
            "\n"
            "Role: Network Admin\n"
            "Access: All sites\n"
            "Valid until: 17 March 2025, 23:50 UTC\n"
            "\n"
            "To accept, open this link:\n"
            "\n"
            "https://app.example.com/accept?token=ush_abc&x=1\n"
            "\n"
            "This invitation is for vic@example.com only.\n"
            "If you did not expect it, ignore this message: nothing happens.\n");
}

TEST(InvitationMailTest, R23NamesDateTimeAndZoneOfExpiry) {
  const RenderedMail mail = Rendered(AnInvitation());

  EXPECT_THAT(mail.text, HasSubstr("17 March 2025, 23:50 UTC"));
  EXPECT_THAT(mail.html, HasSubstr("17 March 2025, 23:50 UTC"));
}

TEST(InvitationMailTest, ExpiryDaysHaveNoLeadingZero) {
  InvitationMail mail = AnInvitation();
  mail.expire_time = absl::FromCivil(absl::CivilSecond(2025, 12, 5, 0, 5, 59), absl::UTCTimeZone());

  EXPECT_THAT(Rendered(mail).text, HasSubstr("until: 5 December 2025, 00:05 UTC\n"));
}

TEST(InvitationMailTest, R29WithoutAnInviterNobodyIsLeftBlank) {
  InvitationMail without = AnInvitation();
  without.inviter_name = "";
  without.note = "See you on Monday.";

  const RenderedMail mail = Rendered(without);

  EXPECT_EQ(mail.subject, "You are invited to join Acme");
  for (const std::string& body : {mail.text, mail.html}) {
    EXPECT_THAT(body, HasSubstr("You have been invited to join"));
    EXPECT_THAT(body, AllOf(Not(HasSubstr("has invited you")), Not(HasSubstr("Their"))));
  }
}

TEST(InvitationMailTest, R29NothingIsSaidOfSitesThatAreGone) {
  InvitationMail mail = AnInvitation();
  mail.all_sites = false;

  EXPECT_THAT(Rendered(mail).text, HasSubstr("Role: Network Admin\nValid until"));
}

TEST(InvitationMailTest, ListsGroupsAndSitesByName) {
  InvitationMail groups = AnInvitation();
  groups.all_sites = false;
  groups.site_group_names = {"North", "R&D"};
  InvitationMail sites = AnInvitation();
  sites.all_sites = false;
  sites.site_names = {"Oslo"};

  EXPECT_THAT(Rendered(groups).text, HasSubstr("Site groups: North, R&D\n"));
  EXPECT_THAT(Rendered(groups).html, HasSubstr("North, R&amp;D<"));
  EXPECT_THAT(Rendered(sites).text, HasSubstr("Sites: Oslo\n"));
  EXPECT_THAT(Rendered(sites).html, AllOf(HasSubstr("Oslo<"), Not(HasSubstr("All sites"))));
}

TEST(InvitationMailTest, CutsLongListsOfSites) {
  InvitationMail mail = AnInvitation();
  mail.all_sites = false;
  for (int i = 1; i <= 1000; ++i) mail.site_names.push_back("S" + std::to_string(i));

  EXPECT_THAT(Rendered(mail).text, HasSubstr("S19, S20 and 980 more\n"));
}

TEST(InvitationMailTest, R10TextIsNotEscapedAndHtmlIs) {
  InvitationMail odd = AnInvitation();
  odd.organization_name = "R&D + Ops #1";
  odd.inviter_name = "A\"B O'Neil";
  odd.email = "gus+juniper@example.com";
  odd.note = "<b>{{organization}}</b>";

  const RenderedMail mail = Rendered(odd);

  EXPECT_EQ(mail.subject, "A\"B O'Neil invited you to join R&D + Ops #1");
  EXPECT_THAT(mail.text, AllOf(HasSubstr("join R&D + Ops #1."), HasSubstr("A\"B O'Neil has"),
                               HasSubstr("token=ush_abc&x=1\n"), HasSubstr("gus+juniper@"),
                               HasSubstr("> <b>{{organization}}</b>\n")));
  EXPECT_THAT(mail.html,
              AllOf(HasSubstr("R&amp;D + Ops #1"), HasSubstr("A&quot;B O&#39;Neil"),
                    HasSubstr("href=\"https://app.example.com/accept?token=ush_abc&amp;x=1\""),
                    HasSubstr("&lt;b&gt;{{organization}}&lt;/b&gt;"), Not(HasSubstr("<b>"))));
}

TEST(InvitationMailTest, HtmlKeepsTheLinesOfANote) {
  InvitationMail mail = AnInvitation();
  mail.note = "one\ntwo\n\nfour";

  EXPECT_THAT(Rendered(mail).html, HasSubstr("\none<br>\ntwo<br>\n<br>\nfour\n</blockquote>"));
}

TEST(InvitationMailTest, FallsBackFromRegionToLanguageToEnglish) {
  for (const char* locale : {"", "en", "en-GB", "en_US", "xx", "xx-YY", "-"}) {
    InvitationMail mail = AnInvitation();
    mail.locales = {locale};

    EXPECT_EQ(Rendered(mail).subject, "Ann Lee invited you to join Acme") << locale;
  }
}

TEST(InvitationMailTest, NeedsNothingFromElsewhere) {
  const std::string html = Rendered(AnInvitation()).html;

  EXPECT_THAT(html, AllOf(Not(HasSubstr("<img")), Not(HasSubstr("<script")), Not(HasSubstr("url(")),
                          Not(HasSubstr("<link"))));
}

}  // namespace
}  // namespace usher::mail
