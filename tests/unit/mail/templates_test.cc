#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mail/invitation_mail.h"

namespace usher::mail {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

InvitationMail AnInvitation(const std::string& locale) {
  InvitationMail mail;
  mail.organization_name = "Acme";
  mail.inviter_name = "Ann Lee";
  mail.first_name = "Vic";
  mail.last_name = "Young";
  mail.email = "vic@example.com";
  mail.invitee_name = "Vic Young";
  mail.invitee_email = "vic@example.com";
  mail.role = model::Role::kNetworkAdmin;
  mail.site_names = {"Oslo", "Lyon"};
  mail.note = "See you.";
  mail.expire_time = absl::FromCivil(absl::CivilSecond(2025, 3, 1, 23, 50, 0), absl::UTCTimeZone());
  mail.accept_uri = "https://app.example.com/accept?token=ush_abc";
  mail.locales = {locale};
  return mail;
}

// What Ann is told of Vic's answer.
InvitationMail ANotice(Kind kind, const std::string& locale) {
  InvitationMail mail = AnInvitation(locale);
  mail.kind = kind;
  mail.first_name = "Ann";
  mail.last_name = "Lee";
  mail.email = "ann@example.com";
  return mail;
}

RenderedMail Rendered(const InvitationMail& mail) {
  const auto templates = InvitationTemplates::Load();
  EXPECT_TRUE(templates.ok()) << templates.status();
  return templates->Render(mail).value_or(RenderedMail{});
}

std::vector<std::string> Locales() {
  const auto templates = InvitationTemplates::Load();
  return templates.ok() ? templates->locales() : std::vector<std::string>();
}

TEST(LanguagesTest, SixAreShipped) {
  EXPECT_THAT(Locales(), ElementsAre("de", "en", "es", "fr", "ja", "pt-BR"));
}

TEST(LanguagesTest, EachSaysEverythingInItsOwnWords) {
  std::set<std::string> subjects;
  for (const std::string& locale : Locales()) {
    const RenderedMail mail = Rendered(AnInvitation(locale));

    EXPECT_EQ(mail.locale, locale);
    EXPECT_TRUE(subjects.insert(mail.subject).second);
    EXPECT_THAT(mail.html, HasSubstr(absl::StrCat("<html lang=\"", locale, "\">")));
    for (const std::string& body : {mail.text, mail.html}) {
      EXPECT_THAT(body, AllOf(HasSubstr("Ann Lee"), HasSubstr("Acme"), HasSubstr("Vic"),
                              HasSubstr("vic@example.com"), HasSubstr("Oslo"), HasSubstr("2025"),
                              HasSubstr("23:50"), HasSubstr("UTC"), HasSubstr("See you."),
                              HasSubstr("https://app.example.com/accept?token=ush_abc"),
                              Not(HasSubstr("{{"))))
          << locale;
    }
  }
}

TEST(LanguagesTest, R23DatesAreWrittenAsUsual) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"en", "Valid until: 1 March 2025, 23:50 UTC\n"},
      {"de", "Gültig bis: 1. März 2025, 23:50 Uhr UTC\n"},
      {"fr", "Valable jusqu’au\u00a0: 1er mars 2025 à 23:50 UTC\n"},
      {"es", "Válida hasta: 1 de marzo de 2025, 23:50 UTC\n"},
      {"pt-BR", "Válido até: 1 de março de 2025, 23:50 UTC\n"},
      {"ja", "有効期限：2025年3月1日 23:50 UTC\n"}};
  for (const auto& [locale, line] : expected) {
    EXPECT_THAT(Rendered(AnInvitation(locale)).text, HasSubstr(line)) << locale;
  }
}

TEST(LanguagesTest, R29NoneNamesAnInviterWhoIsGone) {
  for (const std::string& locale : Locales()) {
    const RenderedMail with = Rendered(AnInvitation(locale));
    InvitationMail gone = AnInvitation(locale);
    gone.inviter_name = "";

    const RenderedMail without = Rendered(gone);

    EXPECT_NE(without.subject, with.subject) << locale;
    EXPECT_THAT(without.subject, AllOf(HasSubstr("Acme"), Not(HasSubstr("  ")))) << locale;
    EXPECT_THAT(without.text, AllOf(HasSubstr("Acme"), Not(HasSubstr("\n ")))) << locale;
  }
}

TEST(LanguagesTest, RemindersSayTheSameInOtherWords) {
  std::set<std::string> subjects;
  for (const std::string& locale : Locales()) {
    const RenderedMail first = Rendered(AnInvitation(locale));
    InvitationMail reminder = AnInvitation(locale);
    reminder.kind = Kind::kReminder;

    const RenderedMail mail = Rendered(reminder);

    EXPECT_TRUE(subjects.insert(mail.subject).second);
    EXPECT_NE(mail.subject, first.subject);
    EXPECT_NE(mail.text, first.text);
    for (const std::string& body : {mail.text, mail.html}) {
      EXPECT_THAT(body, AllOf(HasSubstr("Ann Lee"), HasSubstr("Acme"), HasSubstr("23:50"),
                              HasSubstr("https://app.example.com/accept?token=ush_abc"),
                              Not(HasSubstr("{{"))))
          << locale;
    }
  }
}

TEST(LanguagesTest, R29RemindersNameNoInviterWhoIsGone) {
  for (const std::string& locale : Locales()) {
    InvitationMail reminder = AnInvitation(locale);
    reminder.kind = Kind::kReminder;
    reminder.inviter_name = "";

    const RenderedMail mail = Rendered(reminder);

    EXPECT_THAT(mail.text, AllOf(HasSubstr("Acme"), Not(HasSubstr("\n ")))) << locale;
    EXPECT_THAT(mail.html, Not(HasSubstr("Ann"))) << locale;
  }
}

TEST(LanguagesTest, InvitersAreToldWhoAnsweredAndGetNoLink) {
  std::set<std::string> subjects;
  for (const Kind kind : {Kind::kAccepted, Kind::kDeclined}) {
    for (const std::string& locale : Locales()) {
      const RenderedMail mail = Rendered(ANotice(kind, locale));

      EXPECT_TRUE(subjects.insert(mail.subject).second);
      EXPECT_THAT(mail.subject, AllOf(HasSubstr("Vic Young"), HasSubstr("Acme")));
      EXPECT_THAT(mail.html, HasSubstr(absl::StrCat("<html lang=\"", locale, "\">")));
      for (const std::string& body : {mail.text, mail.html}) {
        EXPECT_THAT(body, AllOf(HasSubstr("Ann"), HasSubstr("Vic Young"), HasSubstr("Acme"),
                                HasSubstr("vic@example.com"), Not(HasSubstr("token")),
                                Not(HasSubstr("{{"))))
            << locale;
      }
    }
  }
}

TEST(LanguagesTest, TheFirstWantedThatIsThereIsTaken) {
  InvitationMail mail = AnInvitation("sv");
  mail.locales = {"sv", "de-AT"};
  EXPECT_EQ(Rendered(mail).locale, "de");

  mail.locales = {"", ""};
  EXPECT_EQ(Rendered(mail).locale, "en");

  mail.locales = {"sv"};
  EXPECT_EQ(InvitationTemplates::Load({"", "fr-CA"})->Render(mail)->locale, "fr");
}

// A folder with templates of the operator's own.
class OverrideTest : public testing::Test {
 protected:
  OverrideTest() {
    std::string pattern = fs::temp_directory_path() / "usher-templates-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~OverrideTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string Problem() const {
    return std::string(InvitationTemplates::Load({folder_, "en"}).status().message());
  }
  std::string Text(const std::string& locale) const {
    const auto templates = InvitationTemplates::Load({folder_, "en"});
    EXPECT_TRUE(templates.ok()) << templates.status();
    return templates.ok() ? templates->Render(AnInvitation(locale))->text : "";
  }

  std::string folder_;
};

TEST_F(OverrideTest, AnEmptyFolderChangesNothing) {
  Write(".hidden", "x");
  Write("README.md", "x");

  EXPECT_EQ(Text("de"), Rendered(AnInvitation("de")).text);
}

TEST_F(OverrideTest, PhrasesReplaceThoseTheyName) {
  Write("de.phrases", "# ours\r\ngreeting = \"Moin {{first_name}}, \"\r\n\n");

  EXPECT_THAT(Text("de-AT"), AllOf(testing::StartsWith("Moin Vic, \n"), HasSubstr("Rolle: ")));
  EXPECT_THAT(Text("en"), HasSubstr("Hello"));
}

TEST_F(OverrideTest, LayoutsReplaceTheirs) {
  Write("invitation.txt.mustache", "{{>greeting}} {{accept_uri}} {{! a remark }}");

  EXPECT_EQ(Text("fr"), "Bonjour Vic, https://app.example.com/accept?token=ush_abc ");
}

TEST_F(OverrideTest, NoticesHaveALayoutOfTheirOwn) {
  Write("notice.txt.mustache", "{{>sentence}} ({{invitee_email}})");
  Write("en.phrases", "declined_sentence = No, says {{invitee}}.");

  const auto templates = InvitationTemplates::Load({folder_, "en"});

  ASSERT_TRUE(templates.ok()) << templates.status();
  EXPECT_EQ(templates->Render(ANotice(Kind::kDeclined, "en"))->text,
            "No, says Vic Young. (vic@example.com)");
  EXPECT_THAT(templates->Render(AnInvitation("en"))->text, HasSubstr("Hello Vic,"));
}

TEST_F(OverrideTest, AllHtmlHasTheSameHead) {
  Write("head.html.mustache", "<head><title>{{>heading}}</title></head>");

  const auto templates = InvitationTemplates::Load({folder_, "en"});

  ASSERT_TRUE(templates.ok()) << templates.status();
  EXPECT_THAT(templates->Render(AnInvitation("en"))->html,
              HasSubstr("<head><title>Join Acme</title></head>"));
  EXPECT_THAT(templates->Render(ANotice(Kind::kAccepted, "en"))->html,
              HasSubstr("<head><title>Invitation accepted</title></head>"));
}

TEST_F(OverrideTest, ANoticeCannotHaveALink) {
  Write("notice.txt.mustache", "{{>sentence}}\n{{accept_uri}}");

  EXPECT_THAT(Problem(), EndsWith("notice.txt.mustache:2: unknown name \"accept_uri\""));
}

TEST_F(OverrideTest, OnlyHtmlCanHaveTheHead) {
  Write("notice.txt.mustache", "{{>head}}");

  EXPECT_THAT(Problem(), EndsWith("notice.txt.mustache:1: unknown phrase \"head\""));
}

TEST_F(OverrideTest, ALanguageOfItsOwnHasAllPhrases) {
  Write("it.phrases", "greeting = Ciao {{first_name}},");

  EXPECT_THAT(Problem(), EndsWith("/it.phrases:1: has no phrase \"months\""));
}

TEST_F(OverrideTest, BrokenPhrasesAreRefusedWithFileAndLine) {
  const std::vector<std::pair<std::string, std::string>> broken = {
      {"greting = Hi", "unknown phrase \"greting\""},
      {"greeting", "is not name = text"},
      {"greeting =", "has no text"},
      {"greeting = {{first_nam}}", "unknown name \"first_nam\""},
      {"greeting = {{#inviter}}", "Unclosed section \"inviter\""},
      {"greeting = {{/inviter}}", "Unopened section \"inviter\""},
      {"greeting = {{first_name", "Unclosed tag"},
      {"greeting = {{{first_name}}}", "values are always escaped: use {{name}}"},
      {"greeting = {{>heading}}", "unknown phrase \"heading\""},
      {"greeting = a <b>", "< > & are not allowed in phrases"},
      {"expires = {{first_name}}", "unknown name \"first_name\""},
      {"months = a|b", "needs 12 months, with | between"}};
  for (const auto& [line, what] : broken) {
    Write("de.phrases", absl::StrCat("# first\n\n", line, "\n"));

    EXPECT_EQ(Problem(), absl::StrCat(folder_, "/de.phrases:3: ", what)) << line;
  }
}

TEST_F(OverrideTest, BrokenLayoutsAreRefusedWithFileAndLine) {
  const std::vector<std::pair<std::string, std::string>> broken = {
      {"{{organisation}}", "unknown name \"organisation\""},
      {"{{>greting}}", "unknown phrase \"greting\""},
      {"{{&organization}}", "values are always escaped: use {{name}}"},
      {"{{=<% %>=}}", "the braces cannot be changed"},
      {"{{#note}}", "Unclosed section \"note\""},
      {"{{}}", "unknown name \"\""}};
  for (const auto& [line, what] : broken) {
    Write("invitation.html.mustache", absl::StrCat("{{accept_uri}}\n", line, "\n"));

    EXPECT_EQ(Problem(), absl::StrCat(folder_, "/invitation.html.mustache:2: ", what)) << line;
  }
}

TEST_F(OverrideTest, AMailWithoutTheLinkIsRefused) {
  Write("invitation.txt.mustache", "Welcome.");

  EXPECT_THAT(Problem(), EndsWith("invitation.txt.mustache:1: has no {{accept_uri}}"));
}

TEST_F(OverrideTest, FilesThatNobodyReadsAreRefused) {
  for (const char* name : {"invite.txt.mustache", "a b.phrases", ".phrases.x"}) {
    Write(name, "{{accept_uri}}");
    const bool hidden = absl::StartsWith(name, ".");

    EXPECT_EQ(Problem().empty(), hidden) << name;
    fs::remove(folder_ + "/" + name);
  }
  Write("note.txt", "x");
  EXPECT_THAT(Problem(), EndsWith("note.txt: is no .mustache and no .phrases file"));
}

TEST_F(OverrideTest, FilesThatAreNotUtf8AreRefused) {
  Write("de.phrases", "greeting = \xff");

  EXPECT_THAT(Problem(), EndsWith("de.phrases: is not UTF-8"));
}

TEST_F(OverrideTest, AFolderThatIsNotThereIsRefused) {
  EXPECT_THAT(std::string(InvitationTemplates::Load({"/nowhere", "en"}).status().message()),
              HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace usher::mail
