#include "model/email.h"

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "model/text.h"

namespace usher::model {
namespace {

using std::string_literals::operator""s;

// An address that is surely one.
Email An(std::string_view text) {
  auto email = Email::Parse(text);
  EXPECT_TRUE(email.ok()) << text << ": " << email.status();
  return email.ok() ? *email : *Email::Parse("broken@example.com");
}

std::string Fault(std::string_view text) {
  const auto email = Email::Parse(text);
  EXPECT_FALSE(email.ok()) << text;
  EXPECT_TRUE(email.ok() || email.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(email.status().message());
}

std::string Utf8(char32_t point) {
  const auto tail = [point](int shift) {
    return static_cast<char>(0x80 | (point >> shift & 0x3F));
  };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
  return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
}

TEST(EmailTest, R09LetterCaseDoesNotMatter) {
  const Email email = An("Eve.Stone@Example.COM");

  EXPECT_EQ(email, An("eve.stone@example.com"));
  EXPECT_EQ(email.key(), "eve.stone@example.com");
}

TEST(EmailTest, R09KeepsWhatWasTypedToShow) {
  EXPECT_EQ(An(" Eve.Stone@Example.COM ").as_typed(), "Eve.Stone@Example.COM");
}

TEST(EmailTest, SendsToTheLocalPartAsTyped) {
  EXPECT_EQ(An("Eve.Stone@Example.COM").address(), "Eve.Stone@example.com");
}

TEST(EmailTest, R10SubAddressesAreOtherPeople) {
  EXPECT_NE(An("gus+a@example.com"), An("gus+b@example.com"));
  EXPECT_NE(An("gus+a@example.com"), An("gus@example.com"));
  EXPECT_NE(An("g.us@gmail.com"), An("gus@gmail.com"));
}

TEST(EmailTest, R13InternationalDomainsHaveOneKey) {
  const Email email = An("wes@bücher.example.com");

  EXPECT_EQ(email.key(), "wes@xn--bcher-kva.example.com");
  EXPECT_EQ(email.address(), "wes@xn--bcher-kva.example.com");
  EXPECT_EQ(email.as_typed(), "wes@bücher.example.com");
  EXPECT_EQ(email, An("wes@XN--BCHER-KVA.example.com"));
  EXPECT_EQ(email, An("wes@BÜCHER.example.com"));
  EXPECT_EQ(email, An("wes@bu\u0308cher.example.com"));
  EXPECT_EQ(email, An("wes@bücher。example。com"));
}

TEST(EmailTest, MapsDomainsAsBrowsersDo) {
  EXPECT_EQ(An("a@faß.de").domain(), "xn--fa-hia.de");
  EXPECT_EQ(An("a@ｅｘａｍｐｌｅ.com").domain(), "example.com");
  EXPECT_EQ(An("a@مثال.إختبار").domain(), "xn--mgbh0fb.xn--kgbechtv");
}

TEST(EmailTest, R13RefusesALocalPartOutsideOfAscii) {
  EXPECT_EQ(Fault("josé@example.com"), "must have only ASCII characters before the @");
  EXPECT_EQ(Fault("ann\u200B@example.com"), "must have only ASCII characters before the @");
}

TEST(EmailTest, HasADomain) { EXPECT_EQ(An("ann@Mail.Example.com").domain(), "mail.example.com"); }

TEST(EmailTest, TakesEveryCharacterOfADotAtom) {
  EXPECT_EQ(An("!#$%&'*+-/=?^_`{|}~.09azAZ@example.com").key(),
            "!#$%&'*+-/=?^_`{|}~.09azaz@example.com");
}

TEST(EmailTest, RefusesOtherLocalParts) {
  for (const char* text :
       {"@example.com", "\"a b\"@example.com", "a b@example.com", ".a@example.com",
        "a.@example.com", "a..b@example.com", "a,b@example.com", "a<b>@example.com",
        "a(c)@example.com", "a:b@example.com", "a;b@example.com", "a\\b@example.com",
        "a[b]@example.com", "a@b@example.com", "Ann <ann@example.com>", "mailto:a@example.com"}) {
    EXPECT_NE(Fault(text), "") << text;
  }
}

TEST(EmailTest, RefusesWhatHasNoAt) {
  EXPECT_EQ(Fault("not-an-address"), "must be an address like name@example.com");
  EXPECT_EQ(Fault(""), "must not be empty");
  EXPECT_EQ(Fault("   "), "must not be empty");
}

TEST(EmailTest, RefusesDomainsThatAreNoHostNames) {
  for (const std::string domain : {"",
                                   "localhost",
                                   ".",
                                   "a.",
                                   ".a.com",
                                   "a..b.com",
                                   "example.com.",
                                   "-a.com",
                                   "a-.com",
                                   "a.-com",
                                   "a_b.com",
                                   "ex ample.com",
                                   "a!b.com",
                                   "a/b.com",
                                   "a\\b.com",
                                   "a%b.com",
                                   "a'b.com",
                                   "a,b.com",
                                   "a:25.com",
                                   "[127.0.0.1]",
                                   "127.0.0.1",
                                   "[IPv6:::1]",
                                   "1.2.3.4",
                                   "example.123",
                                   "☃.net",
                                   "a\u0301..com",
                                   "\u0301a.com",
                                   "＿a.com",
                                   "a＿b.com",
                                   "a\u2100b.com",
                                   "a\u3000b.com",

                                   "bücher_.com",
                                   "bü cher.com"}) {
    EXPECT_EQ(Fault("ann@" + domain), "must have a valid domain after the @") << domain;
  }
}

TEST(EmailTest, RefusesALabelsThatAreNone) {
  for (const std::string domain : {"xn--.com", "xn--a.com", "xn--example-.com", "xn--bucher-.com",
                                   "a.xn--a-", "xn--n3h.net", "xn--BCHER-.com"}) {
    EXPECT_EQ(Fault("ann@" + domain), "must have a valid domain after the @") << domain;
  }
}

TEST(EmailTest, TakesUnusualHostNames) {
  EXPECT_EQ(An("a@r3---sn-x.example.com").domain(), "r3---sn-x.example.com");
  EXPECT_EQ(An("a@3m.example").domain(), "3m.example");
  EXPECT_EQ(An("a@1.2.3.com").domain(), "1.2.3.com");
}

// A character that disappeared from a domain would turn one person's mail into another's.
TEST(EmailTest, NeverDropsACharacterThatCanBeSeen) {
  for (char32_t point = 0x21; point < 0x10000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    const std::string character = Utf8(point);
    const auto email = Email::Parse("ann@ex" + character + "ample.com");
    if (!email.ok() || email->domain() != "example.com") continue;

    EXPECT_FALSE(CleanText(character, {.min = 1, .max = 1}).ok()) << std::hex << +point;
  }
}

TEST(EmailTest, HasA64OctetLocalPart) {
  EXPECT_EQ(An(std::string(64, 'a') + "@example.com").key().size(), 76U);
  EXPECT_EQ(Fault(std::string(65, 'a') + "@example.com"),
            "must have at most 64 octets before the @");
}

TEST(EmailTest, Has63OctetLabels) {
  EXPECT_EQ(An("a@" + std::string(63, 'b') + ".com").domain().size(), 67U);
  EXPECT_EQ(Fault("a@" + std::string(64, 'b') + ".com"), "must have a valid domain after the @");
}

TEST(EmailTest, Has254Octets) {
  const std::string label(61, 'b');
  const std::string domain = label + "." + label + "." + label + ".com";  // 189

  EXPECT_EQ(An(std::string(64, 'a') + "@" + domain).key().size(), 254U);
  EXPECT_EQ(Fault(std::string(64, 'a') + "@b" + domain), "must have at most 254 characters");
}

TEST(EmailTest, Counts254OctetsInTheAsciiForm) {
  std::string domain;
  for (int i = 0; i < 16; ++i) domain += "bücher.";  // 7 characters each, 14 octets in ASCII.

  EXPECT_EQ(Fault(std::string(40, 'a') + "@" + domain + "com"), "must have at most 254 octets");
}

TEST(EmailTest, RefusesHugeTextAtOnce) {
  EXPECT_EQ(Fault(std::string(1'000'000, 'a') + "@example.com"), "must have at most 254 octets");
}

TEST(EmailTest, R14RefusesControlCharacters) {
  for (const std::string& text :
       {"ann\0@example.com"s, "ann@exam\0ple.com"s, "ann@example.com\0"s, "ann@example.com\r\n"s,
        "ann@example.com\r\nBcc: eve@example.com"s, "a\tb@example.com"s, "ann@example.com\n"s}) {
    EXPECT_EQ(Fault(text), "must not contain control characters");
  }
}

TEST(EmailTest, RefusesInvalidUtf8) { EXPECT_EQ(Fault("ann@\xFF.com"), "must be valid UTF-8"); }

TEST(EmailTest, EachFormIsTheSamePerson) {
  for (const char* text :
       {"Eve.Stone@Example.COM", "wes@bücher.example.com", "a@faß.de", "a@ｅｘａｍｐｌｅ.com",
        "a@XN--bcher-KVA.example", "a@exam\u00ADple.com"}) {
    const Email email = An(text);

    EXPECT_EQ(An(email.as_typed()), email) << text;
    EXPECT_EQ(An(email.address()), email) << text;
    EXPECT_EQ(An(email.key()), email) << text;
  }
}

TEST(EmailTest, IsSafeInMailWhateverIsTyped) {
  constexpr std::string_view kPieces[] = {"a",  "B",  "@",  ".", "-", "+",    " ", "<",      ">",
                                          "\"", "\r", "\n", "ü", "ß", "xn--", ",", "\u200B", "com"};
  std::mt19937 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int length = static_cast<int>(random() % 12); length >= 0; --length) {
      text += kPieces[random() % std::size(kPieces)];
    }

    const auto email = Email::Parse(text);

    if (!email.ok()) continue;
    EXPECT_EQ(email->address().find_first_of("\r\n<>\", "), std::string::npos) << text;
    EXPECT_EQ(email->address().find('@'), email->address().rfind('@')) << text;
    EXPECT_EQ(An(email->address()), *email) << text;
  }
}

}  // namespace
}  // namespace usher::model
