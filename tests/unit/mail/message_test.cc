#include "mail/message.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/mail/child.h"

namespace usher::mail {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Message AMessage() {
  Message message;
  message.from = {"Usher", "invites@example.com"};
  message.to = {"Vic Young", "vic@example.com"};
  message.subject = "Ann invited you";
  message.text = "Hello\n";
  message.html = "<p>Hello</p>\n";
  message.message_id = "1.1@example.com";
  message.date = absl::FromUnixSeconds(1741650600);
  return message;
}

Message AMessageTo(std::string display_name) {
  Message message = AMessage();
  message.to.display_name = std::move(display_name);
  return message;
}

// What Python's strict parser finds in it.
json Parsed(const Message& message) {
  const auto rendered = Render(message);
  EXPECT_TRUE(rendered.ok()) << rendered.status();
  if (!rendered.ok()) return {};
  Child parser({"/usr/bin/python3", SourcePath("tests/unit/mail/parse_message.py")});
  parser.Write(*rendered);
  parser.CloseInput();
  return json::parse(parser.ReadAll());
}

json Mailboxes(const char* name, const char* address) {
  return json::array({{{"name", name}, {"address", address}}});
}

TEST(MessageTest, HasTheHeadersOfAnAutomaticMail) {
  Message message = AMessage();
  message.reply_to = Mailbox{"Help", "help@example.com"};

  const json found = Parsed(message);

  EXPECT_EQ(found["addresses"]["from"], Mailboxes("Usher", "invites@example.com"));
  EXPECT_EQ(found["addresses"]["reply-to"], Mailboxes("Help", "help@example.com"));
  EXPECT_EQ(found["addresses"]["to"], Mailboxes("Vic Young", "vic@example.com"));
  EXPECT_EQ(found["subject"], "Ann invited you");
  EXPECT_EQ(found["message_id"], "<1.1@example.com>");
  EXPECT_EQ(found["date"], "2025-03-10T23:50:00+00:00");
  EXPECT_EQ(found["auto_submitted"], "auto-generated");
  EXPECT_EQ(found["mime_version"], "1.0");
}

TEST(MessageTest, HasEachHeaderOnceAndNoOther) {
  const json found = Parsed(AMessage());

  EXPECT_THAT(found["headers"].get<std::vector<std::string>>(),
              testing::UnorderedElementsAre("from", "to", "subject", "date", "message-id",
                                            "auto-submitted", "mime-version", "content-type"));
}

TEST(MessageTest, OffersTextAndThenHtml) {
  Message message = AMessage();
  message.text = "Grüße, 田\n.\nFrom here\n\ttab = \"equals\"  \nlast line";
  message.html = "<p>Grüße &amp; 田 " + std::string(2000, 'x') + "</p>\n";

  const json found = Parsed(message);

  EXPECT_EQ(found["type"], "multipart/alternative");
  EXPECT_EQ(found["parts"][0]["type"], "text/plain");
  EXPECT_EQ(found["parts"][0]["charset"], "utf-8");
  EXPECT_EQ(found["parts"][0]["content"], message.text);
  EXPECT_EQ(found["parts"][1]["type"], "text/html");
  EXPECT_EQ(found["parts"][1]["charset"], "utf-8");
  EXPECT_EQ(found["parts"][1]["content"], message.html);
}

TEST(MessageTest, IsShortAsciiLinesThatEndWithCrlf) {
  Message message = AMessageTo("Zoë " + std::string(200, 'x'));
  message.subject = "田" + std::string(300, 's') + " é";
  message.text = std::string(5000, 't') + "é\r\nnext\n";

  const json found = Parsed(message);

  EXPECT_EQ(found["bare_line_ends"], 0);
  EXPECT_EQ(found["ascii"], true);
  EXPECT_LE(found["longest_line"], 998);
}

TEST(MessageTest, R12NamesWithPunctuationParseBackExactly) {
  for (const char* name : {
           "Vic, Jr. O'Neil (Ops)",
           "A\"B C\\D",
           "x@y <z>",
           "Team: Lee;",
           "\"",
           "\\",
           "(",
           ")",
           "a\\",
           "Vic <vic@evil.example>, other@evil.example",
           "José, \"田\" (Ops)",
           "=?utf-8?q?Eve?=",
           "Eve =?UTF-8?B?RXZl?= Doe",
           "two  spaces",
           "é  two  spaces",
           "J. R. \"Bob\" Dobbs",
           ".",
           "O'Neil",
           "A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z, é",
           "[x]",
           "%s%n",
           "Zoë =?= ?=",
           "😀😀 😀",
           "a=b?c_d",
           "é_=?",
           "Ünï (cödé) \\ \"q\"",
       }) {
    const json found = Parsed(AMessageTo(name));

    EXPECT_EQ(found["addresses"]["to"], Mailboxes(name, "vic@example.com"));
    EXPECT_EQ(found["defects"], json::array()) << name;
  }
}

TEST(MessageTest, R12LongNamesParseBackExactly) {
  std::string composed;
  std::string quoted;
  std::string plain;
  for (int i = 0; i < 64; ++i) {
    composed += i % 9 == 4 ? " " : "😀";
    quoted += i % 7 == 3 ? " " : i % 5 == 2 ? "\"" : ",";
    plain += i % 8 == 7 ? ' ' : 'x';
  }
  for (const std::string& name :
       {composed + " 田" + composed, quoted + " x" + quoted, plain + "y" + plain + "z",
        std::string(129, 'x'), std::string(64, '"') + " " + std::string(64, '\\')}) {
    const json found = Parsed(AMessageTo(name));

    EXPECT_EQ(found["addresses"]["to"], Mailboxes(name.c_str(), "vic@example.com"));
  }
}

TEST(MessageTest, SubjectsParseBackExactly) {
  const std::string long_name(64, 'n');
  for (const std::string& subject :
       {std::string("R&D + Ops #1: \"quoted\", <b>"), "田 invited you to join " + long_name,
        std::string("=?utf-8?q?Eve?= invited you"),
        "Ann invited you to join " + long_name + " " + long_name, std::string("Zoë  two  spaces"),
        std::string("two  spaces"), std::string(300, 's')}) {
    Message message = AMessage();
    message.subject = subject;

    EXPECT_EQ(Parsed(message)["subject"], subject);
  }
}

TEST(MessageTest, R12RefusesControlCharactersInHeaders) {
  for (const std::string& bad :
       {std::string("Vic\r\nBcc: eve@example.com"), std::string("Vic\nX: y"), std::string("Vic\r"),
        std::string("Vic\tYoung"), std::string("Vic\0Young", 9), std::string("\xff")}) {
    Message subject = AMessage();
    subject.subject = bad;
    Message address = AMessage();
    address.to.address = "vic@example.com" + bad;
    Message id = AMessage();
    id.message_id = "1@example.com" + bad;

    for (const Message& message : {AMessageTo(bad), subject, address, id}) {
      EXPECT_EQ(Render(message).status().code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

TEST(MessageTest, RefusalsDoNotRepeatTheAddress) {
  Message message = AMessage();
  message.to.address = "vic example.com";

  EXPECT_THAT(std::string(Render(message).status().message()), Not(HasSubstr("vic")));
}

TEST(MessageTest, R13InternationalDomainsStandAsALabels) {
  Message message = AMessage();
  message.to = {"Wes Bücher", "wes@xn--bcher-kva.example.com"};

  EXPECT_EQ(Parsed(message)["addresses"]["to"],
            Mailboxes("Wes Bücher", "wes@xn--bcher-kva.example.com"));
}

TEST(MessageTest, IsTheSameEveryTimeButForTheBoundary) {
  const Message message = AMessage();

  EXPECT_EQ(Parsed(message), Parsed(message));
}

}  // namespace
}  // namespace usher::mail
