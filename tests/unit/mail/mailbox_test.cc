#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mail/address.h"
#include "mail/message.h"

namespace usher::mail {
namespace {

TEST(MailboxTest, ReadsNameAndAddress) {
  for (const char* text :
       {"Usher & Co <invites@example.com>", "\"Usher & Co\" <invites@example.com>"}) {
    const auto mailbox = ParseMailbox(text);

    ASSERT_TRUE(mailbox.ok()) << text;
    EXPECT_EQ(mailbox->display_name, "Usher & Co");
    EXPECT_EQ(mailbox->address, "invites@example.com");
  }
}

TEST(MailboxTest, ReadsQuotesWithinQuotes) {
  const auto mailbox = ParseMailbox(R"("The \"Usher\" \\ Co" <invites@example.com>)");

  ASSERT_TRUE(mailbox.ok());
  EXPECT_EQ(mailbox->display_name, R"(The "Usher" \ Co)");
}

TEST(MailboxTest, ReadsABareAddress) {
  const auto mailbox = ParseMailbox("usher@localhost");

  ASSERT_TRUE(mailbox.ok());
  EXPECT_EQ(mailbox->display_name, "");
  EXPECT_EQ(mailbox->address, "usher@localhost");
}

TEST(MailboxTest, RefusesWhatIsNoMailbox) {
  for (const char* text :
       {"", "Usher", "Usher <>", "Usher <invites@example.com", "@example.com", "invites@", "a@b@c",
        "invites@exam ple.com", "jos\xc3\xa9@example.com", "Ush\ner <invites@example.com>"}) {
    EXPECT_FALSE(ParseMailbox(text).ok()) << text;
  }
}

TEST(AddressTest, RefusesWhateverCouldEndACommand) {
  EXPECT_TRUE(IsSafeAddress("gus+juniper@example.com"));
  for (const char* text :
       {"a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example>", "<a@b.example", "a @b.example",
        "a@b.example\t", "a,b@c.example", "a;b@c.example", "a@b.example:c", "a@b,c",
        "\"a\"@b.example", "a(b)@c.example", "a@b.example\x7f", "a@b\xc3\xbc.example"}) {
    EXPECT_FALSE(IsSafeAddress(text)) << text;
  }
}

TEST(MessageIdTest, NamesMailAndGeneration) {
  EXPECT_EQ(MessageId("0195a2f0-0000-7000-8000-000000000001", 3, "example.com"),
            "0195a2f0-0000-7000-8000-000000000001.3@example.com");
}

}  // namespace
}  // namespace usher::mail
