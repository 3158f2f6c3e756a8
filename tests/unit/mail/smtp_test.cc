#include "mail/smtp.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/mail/child.h"

namespace usher::mail {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using Outcome = SmtpResult::Outcome;
namespace fs = std::filesystem;

constexpr std::string_view kMail = "Subject: x\r\n\r\nHello\r\n";

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class SmtpTest : public testing::Test {
 protected:
  SmtpTest() {
    char folder[] = "/tmp/usher-smtp-XXXXXX";
    folder_ = mkdtemp(folder);
  }
  ~SmtpTest() override {
    StopStub();
    fs::remove_all(folder_);
  }

  // Starts the stub with a script; returns how to reach it.
  SmtpOptions Stub(const std::string& script) {
    stub_ = std::make_unique<Child>(std::vector<std::string>{
        "/usr/bin/python3", SourcePath("tests/support/smtp_stub.py"), folder_, script});
    SmtpOptions options;
    options.url = "smtp://127.0.0.1:" + stub_->ReadLine();
    options.ehlo_name = "usher.example.com";
    options.total_timeout = absl::Seconds(20);
    return options;
  }

  SmtpOptions ImpatientStub(const std::string& script) {
    SmtpOptions options = Stub(script);
    options.total_timeout = absl::Seconds(1);
    return options;
  }

  SmtpResult SendOne(const SmtpOptions& options) {
    return SmtpClient(options).Send("invites@example.com", "vic@example.com", kMail);
  }

  void StopStub() { stub_.reset(); }

  std::string Commands() const { return ReadFile(folder_ / "commands.log"); }

  std::vector<std::string> Kept() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().extension() == ".eml") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> mails;
    for (const fs::path& path : paths) mails.push_back(ReadFile(path));
    return mails;
  }

 private:
  fs::path folder_;
  std::unique_ptr<Child> stub_;
};

MATCHER_P2(Is, outcome, code, "") {
  *result_listener << "outcome " << static_cast<int>(arg.outcome) << ", code " << arg.code << ", "
                   << arg.detail;
  return arg.outcome == outcome && arg.code == code;
}

TEST_F(SmtpTest, HandsTheMessageOver) {
  SmtpClient client(Stub("[]"));

  const SmtpResult result = client.Send("invites@example.com", "vic@example.com", kMail);

  EXPECT_THAT(result, Is(Outcome::kSent, 250));
  EXPECT_EQ(result.detail, "");
  EXPECT_THAT(Kept(), ElementsAre(kMail));
}

TEST_F(SmtpTest, R12EnvelopeHasTheBareAddressOnce) {
  EXPECT_THAT(SendOne(Stub("[]")), Is(Outcome::kSent, 250));

  EXPECT_THAT(Commands(), StartsWith("--\r\n"
                                     "EHLO usher.example.com\r\n"
                                     "MAIL FROM:<invites@example.com>\r\n"
                                     "RCPT TO:<vic@example.com>\r\n"
                                     "DATA\r\n"));
}

TEST_F(SmtpTest, R13SendsToTheALabel) {
  SmtpClient client(Stub(R"([{"extensions": ["SMTPUTF8"]}])"));

  client.Send("invites@example.com", "wes@xn--bcher-kva.example.com", kMail);

  EXPECT_THAT(Commands(), HasSubstr("\r\nRCPT TO:<wes@xn--bcher-kva.example.com>\r\n"));
}

TEST_F(SmtpTest, R13NeverSendsToWhatCouldEndACommand) {
  SmtpClient client(Stub("[]"));

  for (const char* bad :
       {"", "vic", "vic@example.com\r\nRCPT TO:<eve@example.com>", "vic@example.com>",
        "<vic@example.com", "vic @example.com", "jos\xc3\xa9@example.com",
        "vic@b\xc3\xbc.example.com", "vic@example.com\n"}) {
    EXPECT_THAT(client.Send("invites@example.com", bad, kMail), Is(Outcome::kPermanent, 0)) << bad;
    EXPECT_THAT(client.Send(bad, "vic@example.com", kMail), Is(Outcome::kPermanent, 0)) << bad;
  }

  EXPECT_EQ(Commands(), "");
}

TEST_F(SmtpTest, DotsArriveAsTheyWere) {
  SmtpClient client(Stub("[]"));
  const std::string mail = ".Subject: x\r\n\r\n.\r\n..\r\n.dot\r\nnot.\r\n.\r\n";

  EXPECT_THAT(client.Send("a@example.com", "b@example.com", mail), Is(Outcome::kSent, 250));

  EXPECT_THAT(Kept(), ElementsAre(mail));
}

TEST_F(SmtpTest, LargeMessagesArriveWhole) {
  SmtpClient client(Stub("[]"));
  std::string mail = "Subject: x\r\n\r\n";
  while (mail.size() < 1'000'000) mail += ".a line of a long message\r\n";

  EXPECT_THAT(client.Send("a@example.com", "b@example.com", mail), Is(Outcome::kSent, 250));

  ASSERT_THAT(Kept(), SizeIs(1));
  EXPECT_TRUE(Kept()[0] == mail);
}

TEST_F(SmtpTest, SeveralMessagesUseOneConnection) {
  SmtpClient client(Stub("[]"));

  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(client.Send("a@example.com", "b@example.com", kMail), Is(Outcome::kSent, 250));
  }

  EXPECT_THAT(Kept(), SizeIs(3));
  EXPECT_EQ(Commands().find("--"), Commands().rfind("--"));
}

TEST_F(SmtpTest, R33TemporaryFailuresEndWithSuccess) {
  SmtpClient client(Stub(R"([{"banner": "421 busy"}, {"rcpt": "451 later"}, {}])"));
  const auto send = [&] { return client.Send("a@example.com", "b@example.com", kMail); };

  EXPECT_THAT(send(), Is(Outcome::kTemporary, 421));
  EXPECT_THAT(send(), Is(Outcome::kTemporary, 451));
  EXPECT_THAT(send(), Is(Outcome::kSent, 250));

  EXPECT_THAT(Kept(), SizeIs(1));
}

TEST_F(SmtpTest, R33RefusalsOfThisMailArePermanent) {
  struct {
    const char* script;
    int code;
  } const cases[] = {
      {R"([{"mail": "553 no such sender"}])", 553},
      {R"([{"rcpt": "550 no such user"}])", 550},
      {R"([{"data": "554 no"}])", 554},
      {R"([{"end": "552 too large"}])", 552},
      {R"([{"end": "554 5.7.1 looks like spam"}])", 554},
  };
  for (const auto& [script, code] : cases) {
    EXPECT_THAT(SendOne(Stub(script)), Is(Outcome::kPermanent, code)) << script;
  }
}

TEST_F(SmtpTest, R33AnswersThatMayChangeAreTemporary) {
  struct {
    const char* script;
    int code;
  } const cases[] = {
      {R"([{"banner": "421 busy"}])", 421},      {R"([{"ehlo": "421 busy"}])", 421},
      {R"([{"mail": "450 greylisted"}])", 450},  {R"([{"rcpt": "451 greylisted"}])", 451},
      {R"([{"rcpt": "421 bye"}])", 421},         {R"([{"data": "452 disk full"}])", 452},
      {R"([{"end": "451 scanner away"}])", 451},
  };
  for (const auto& [script, code] : cases) {
    EXPECT_THAT(SendOne(Stub(script)), Is(Outcome::kTemporary, code)) << script;
  }
}

TEST_F(SmtpTest, RefusalsOfTheSessionAreTemporary) {
  for (const char* script :
       {R"([{"banner": "554 not you"}])", R"([{"mail": "530 log in first"}])"}) {
    EXPECT_EQ(SendOne(Stub(script)).outcome, Outcome::kTemporary) << script;
  }
}

TEST_F(SmtpTest, ARefusedLoginIsTemporary) {
  SmtpOptions options = Stub(R"([{"extensions": ["AUTH PLAIN"]}])");  // Answers AUTH with 502.
  options.tls = SmtpTls::kOff;
  options.user = "usher";
  options.password = "secret";

  EXPECT_EQ(SendOne(options).outcome, Outcome::kTemporary);
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(SmtpTest, ConnectionsThatEndBeforeTheMessageAreTemporary) {
  for (const char* script :
       {R"([{"banner": "drop"}])", R"([{"ehlo": "drop"}])", R"([{"mail": "drop"}])",
        R"([{"rcpt": "drop"}])", R"([{"data": "drop"}])"}) {
    EXPECT_THAT(SendOne(Stub(script)), Is(Outcome::kTemporary, 0)) << script;
  }
}

TEST_F(SmtpTest, SilenceBeforeTheMessageIsTemporary) {
  for (const char* script : {R"([{"banner": "hang"}])", R"([{"rcpt": "hang"}])"}) {
    EXPECT_THAT(SendOne(ImpatientStub(script)), Is(Outcome::kTemporary, 0)) << script;
  }
}

TEST_F(SmtpTest, ASlowServerIsWaitedFor) {
  EXPECT_THAT(SendOne(Stub(R"([{"delay_ms": 50}])")), Is(Outcome::kSent, 250));
}

TEST_F(SmtpTest, TheTimeoutIsForTheWholeExchange) {
  // No single answer takes as long as that.
  EXPECT_THAT(SendOne(ImpatientStub(R"([{"delay_ms": 400}])")), Is(Outcome::kTemporary, 0));
}

TEST_F(SmtpTest, AConnectionThatEndsWithinTheMessageIsTemporary) {
  SmtpClient client(Stub(R"([{"in_data": "drop"}])"));
  std::string mail;
  while (mail.size() < 20'000'000) mail += "a line of a long message\r\n";

  EXPECT_EQ(client.Send("a@example.com", "b@example.com", mail).outcome, Outcome::kTemporary);
}

TEST_F(SmtpTest, SilenceAfterTheFinalDotIsAmbiguous) {
  EXPECT_THAT(SendOne(ImpatientStub(R"([{"end": "hang"}])")), Is(Outcome::kAmbiguous, 354));

  EXPECT_THAT(Kept(), SizeIs(1));
}

TEST_F(SmtpTest, AConnectionThatEndsAfterTheFinalDotIsAmbiguous) {
  EXPECT_THAT(SendOne(Stub(R"([{"end": "drop"}])")), Is(Outcome::kAmbiguous, 354));

  EXPECT_THAT(Kept(), SizeIs(1));
}

TEST_F(SmtpTest, ASilentServerDoesNotSpoilTheNextMessage) {
  SmtpClient client(ImpatientStub(R"([{"end": "hang"}, {}])"));

  EXPECT_EQ(client.Send("a@example.com", "b@example.com", kMail).outcome, Outcome::kAmbiguous);
  EXPECT_EQ(client.Send("a@example.com", "b@example.com", kMail).outcome, Outcome::kSent);
}

TEST_F(SmtpTest, ALateAnswerIsNotTakenForTheNextMessages) {
  SmtpClient client(ImpatientStub(R"([{"end": "hang"}, {"rcpt": "550 no"}])"));

  EXPECT_EQ(client.Send("a@example.com", "b@example.com", kMail).outcome, Outcome::kAmbiguous);

  EXPECT_THAT(client.Send("a@example.com", "b@example.com", kMail), Is(Outcome::kPermanent, 550));
  EXPECT_NE(Commands().find("--"), Commands().rfind("--"));
}

TEST_F(SmtpTest, NoServerIsTemporaryAndHasNoCode) {
  SmtpClient client(Stub(R"([{"rcpt": "550 no"}])"));
  EXPECT_THAT(client.Send("a@example.com", "b@example.com", kMail), Is(Outcome::kPermanent, 550));

  StopStub();

  EXPECT_THAT(client.Send("a@example.com", "b@example.com", kMail), Is(Outcome::kTemporary, 0));
}

TEST_F(SmtpTest, WithoutStartTlsNothingIsSentWhereItIsRequired) {
  SmtpOptions options = Stub("[]");
  options.tls = SmtpTls::kRequired;

  EXPECT_EQ(SendOne(options).outcome, Outcome::kTemporary);
  EXPECT_THAT(Commands(), Not(HasSubstr("MAIL")));
}

TEST_F(SmtpTest, ARefusedStartTlsIsTemporaryWhereItIsRequired) {
  SmtpOptions options = Stub(R"([{"extensions": ["STARTTLS"], "starttls": "554 no"}])");
  options.tls = SmtpTls::kRequired;

  EXPECT_EQ(SendOne(options).outcome, Outcome::kTemporary);
  EXPECT_THAT(Commands(), Not(HasSubstr("MAIL")));
}

TEST_F(SmtpTest, APasswordIsNeverSentInTheClearByDefault) {
  SmtpOptions options = Stub(R"([{"extensions": ["AUTH PLAIN LOGIN"]}])");
  options.user = "usher";
  options.password = "secret";

  EXPECT_EQ(SendOne(options).outcome, Outcome::kTemporary);
  EXPECT_THAT(Commands(), Not(HasSubstr("AUTH")));
}

TEST_F(SmtpTest, AFailedHandshakeIsTemporary) {
  const auto script = R"([{"extensions": ["STARTTLS"], "starttls": "220 go\r\nno TLS"}])";

  EXPECT_EQ(SendOne(Stub(script)).outcome, Outcome::kTemporary);

  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(SmtpTest, DetailsNameNoAddressAndRepeatNoReply) {
  for (const char* script : {R"([{"rcpt": "550 vic@example.com is unknown"}])",
                             R"([{"mail": "451 invites@example.com"}])", R"([{"end": "drop"}])",
                             R"([{"banner": "drop"}])"}) {
    const std::string detail = SendOne(Stub(script)).detail;

    EXPECT_THAT(detail, AllOf(Not(IsEmpty()), Not(HasSubstr("@")), Not(HasSubstr("vic")),
                              Not(HasSubstr("unknown"))));
  }
}

TEST_F(SmtpTest, TellsTheEnhancedCodeOfARefusal) {
  const std::vector<std::pair<std::string, std::string>> replies = {
      {"451 4.7.1 later", "4.7.1"},
      {"450-4.2.0 a\\r\\n450 4.2.0 b", "4.2.0"},
      {"550 5.1.1 no", "5.1.1"},
      {"451 later", ""},
      {"451 4.7", ""},
      {"451 5.7.1 odd", ""},
      {"451 4.7.1000000000000 later", ""}};
  for (const auto& [reply, code] : replies) {
    const SmtpResult result = SendOne(Stub(R"([{"rcpt": ")" + reply + R"("}])"));

    EXPECT_EQ(result.enhanced, code) << reply;
    EXPECT_FALSE(result.relay_away) << reply;
  }
}

TEST_F(SmtpTest, TellsWhetherOtherMailsWouldFareNoBetter) {
  for (const char* script :
       {R"([{"banner": "421 busy"}])", R"([{"banner": "554 no"}])", R"([{"banner": "drop"}])",
        R"([{"ehlo": "drop"}])", R"([{"mail": "421 closing"}])", R"([{"rcpt": "421 closing"}])",
        R"([{"mail": "530 5.7.0 who are you"}])"}) {
    EXPECT_TRUE(SendOne(Stub(script)).relay_away) << script;
  }
  for (const char* script : {R"([{"mail": "451 no"}])", R"([{"rcpt": "550 no"}])",
                             R"([{"end": "452 full"}])", R"([{"end": "drop"}])", R"([{}])"}) {
    EXPECT_FALSE(SendOne(Stub(script)).relay_away) << script;
  }
}

bool AreGood(const char* url, const char* ehlo_name = "") {
  SmtpOptions options;
  options.url = url;
  options.ehlo_name = ehlo_name;
  return CheckSmtpOptions(options).ok();
}

TEST(SmtpOptionsTest, NeedAServer) {
  for (const char* good :
       {"smtp://localhost:25", "smtps://mail.example.com", "smtp://[::1]:2525"}) {
    EXPECT_TRUE(AreGood(good)) << good;
  }
  for (const char* bad : {"", "localhost:25", "http://localhost", "smtp://",
                          "smtp://user:word@host", "smtp://host:99999"}) {
    EXPECT_FALSE(AreGood(bad)) << bad;
  }
}

TEST(SmtpOptionsTest, NeedAHostNameForTheGreeting) {
  EXPECT_TRUE(AreGood("smtp://host", "usher.example.com"));
  EXPECT_FALSE(AreGood("smtp://host", "a b"));
}

}  // namespace
}  // namespace usher::mail
