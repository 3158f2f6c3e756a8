// Every mail in every language, with odd and hostile values, read back by Python's strict parser.
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mail/invitation_mail.h"
#include "mail/message.h"
#include "model/person_name.h"
#include "tests/unit/mail/child.h"

namespace usher::mail {
namespace {

using nlohmann::json;

// What the model lets through as a name of a person or an organization, however odd.
const std::vector<std::string> kOdd = {
    "Vic, Jr.",
    "O'Neil (Ops)",
    "A\"B",
    "C\\D",
    "x@y",
    "Team:",
    "Lee;",
    "R&D + Ops #1",
    "=?utf-8?q?Eve?=",
    "=?utf-8?b?RXZl?= =?x",
    "a  b   c",
    "[brackets]",
    "To: eve@example.com",
    "Bcc: eve@example.com, x",
    "名前 太郎",
    "Жанна Агузарова",
    "שרה לוי",
    "Ærøskøbing Ö",
    "e\u0301 decomposed",
    "👩‍👩‍👧‍👦 family",
    "{{organization}} {{{x}}} {{>greeting}}",
    "100% $HOME `id` ${x}",
    "&amp; &lt;b&gt; &#39;",
    "\"; Reply-To: eve@example.com",
    ".",
    "-- ",
    "From here",
    std::string(64, 'W'),
    "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää",
    "\u3000ideographic\u3000space",
    "trailing=3D=20=",
};

constexpr Kind kKinds[] = {Kind::kInvitation, Kind::kReminder, Kind::kAccepted, Kind::kDeclined};

struct Sample {
  InvitationMail mail;
  RenderedMail rendered;
  Message message;
};

Sample SampleOf(const InvitationTemplates& templates, Kind kind, const std::string& locale,
                const std::string& odd, size_t number) {
  Sample sample;
  InvitationMail& mail = sample.mail;
  mail.kind = kind;
  mail.organization_name = odd;
  mail.inviter_name = number % 3 == 0 ? "" : odd;
  mail.first_name = odd;
  mail.last_name = number % 2 == 0 ? "" : odd;
  mail.email = "gus+juniper@example.com";
  mail.invitee_name = odd;
  mail.invitee_email = "gus+juniper@example.com";
  mail.role = model::kRoles[number % model::kRoles.size()];
  mail.all_sites = number % 4 == 0;
  if (!mail.all_sites) mail.site_names = {odd, odd};
  mail.note = odd + "\n.\n\n" + odd;
  mail.expire_time = absl::FromUnixSeconds(1741650600);
  mail.accept_uri = "https://app.example.com/accept?token=ush_abc";
  mail.locales = {locale};
  sample.rendered = templates.Render(mail).value();

  Message& message = sample.message;
  message.from = {odd, "invites@example.com"};
  message.reply_to = Mailbox{odd, "help@example.com"};
  message.to = {model::DisplayName(mail.first_name, mail.last_name), mail.email};
  message.subject = sample.rendered.subject;
  message.text = sample.rendered.text;
  message.html = sample.rendered.html;
  message.message_id = "dlv_01h455vb4pex5vsknk084sn02q.1@example.com";
  message.date = absl::FromUnixSeconds(1741650600);
  return sample;
}

void ExpectGivenBack(const Sample& sample, const json& found) {
  const Message& message = sample.message;
  EXPECT_EQ(found["defects"], json::array());
  EXPECT_EQ(found["bare_line_ends"], 0);
  EXPECT_LE(found["longest_line"], 998);
  EXPECT_TRUE(found["ascii"]);
  EXPECT_THAT(
      found["headers"].get<std::vector<std::string>>(),
      testing::UnorderedElementsAre("from", "reply-to", "to", "subject", "date", "message-id",
                                    "auto-submitted", "mime-version", "content-type"));
  EXPECT_EQ(found["subject"], message.subject);
  for (const auto& [name, mailbox] :
       {std::pair("from", message.from), {"reply-to", *message.reply_to}, {"to", message.to}}) {
    ASSERT_EQ(found["addresses"][name].size(), 1U) << name;
    EXPECT_EQ(found["addresses"][name][0]["name"], mailbox.display_name) << name;
    EXPECT_EQ(found["addresses"][name][0]["address"], mailbox.address) << name;
  }
  EXPECT_EQ(found["parts"][0]["content"], message.text);
  EXPECT_EQ(found["parts"][1]["content"], message.html);
}

TEST(CorpusTest, R12EveryMailInEveryLanguageGivesBackItsNamesAndTexts) {
  const auto templates = InvitationTemplates::Load();
  ASSERT_TRUE(templates.ok());
  Child parser({"/usr/bin/python3", SourcePath("tests/unit/mail/parse_message.py"), "--lines"});
  for (const std::string& locale : templates->locales()) {
    for (size_t i = 0; i < kOdd.size() * std::size(kKinds); ++i) {
      const Kind kind = kKinds[i / kOdd.size()];
      const std::string& odd = kOdd[i % kOdd.size()];
      SCOPED_TRACE(absl::StrCat(locale, ": ", odd, " in kind ", static_cast<int>(kind)));
      const Sample sample = SampleOf(*templates, kind, locale, odd, i);
      const auto message = Render(sample.message);
      ASSERT_TRUE(message.ok()) << message.status();

      parser.Write(absl::Base64Escape(*message) + "\n");

      ExpectGivenBack(sample, json::parse(parser.ReadLine()));
    }
  }
}

TEST(CorpusTest, R12NothingInAValueBecomesMarkup) {
  const auto templates = InvitationTemplates::Load();
  ASSERT_TRUE(templates.ok());
  for (const std::string& locale : templates->locales()) {
    for (const char* hostile : {"<script>alert(1)</script>", "\" onmouseover=\"alert(1)",
                                "</title><img src=x>", "{{{x}}}<b>", "<!--"}) {
      for (const Kind kind : kKinds) {
        const Sample sample = SampleOf(*templates, kind, locale, hostile, 1);

        for (const char* markup : {"<script", "<img", "<b>", "<!--", "\" onmouseover"}) {
          EXPECT_EQ(sample.rendered.html.find(markup), std::string::npos) << locale << markup;
        }
      }
    }
  }
}

// What would add a header, end the headers or begin another command, in every place for text.
TEST(CorpusTest, R12ControlCharactersReachNoHeader) {
  for (const std::string end : {"\r\n", "\n", "\r", "\v", "\f", "\x7f", "\x1b"}) {
    const std::string evil = "x" + end + "Bcc: eve@example.com" + end + end + "body";
    Message good;
    good.from = {"Usher", "invites@example.com"};
    good.reply_to = Mailbox{"Help", "help@example.com"};
    good.to = {"Vic", "vic@example.com"};
    good.subject = "Hello";
    good.message_id = "1@example.com";
    ASSERT_TRUE(Render(good).ok());
    std::vector<Message> bad(9, good);
    bad[0].from.display_name = evil;
    bad[1].from.address = evil + "@example.com";
    bad[2].reply_to->display_name = evil;
    bad[3].reply_to->address = "a@" + evil;
    bad[4].to.display_name = evil;
    bad[5].to.address = "vic@example.com" + evil;
    bad[6].subject = evil;
    bad[7].message_id = "1@example.com" + evil;
    bad[8].subject = "bad \xff";
    for (size_t i = 0; i < bad.size(); ++i) EXPECT_FALSE(Render(bad[i]).ok()) << i;
  }
}

}  // namespace
}  // namespace usher::mail
