// Against a real mail server, aiosmtpd, with certificates made for the test.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mail/smtp.h"
#include "tests/unit/mail/child.h"

namespace usher::mail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Outcome = SmtpResult::Outcome;

constexpr char kMail[] = "Subject: test\r\n\r\nHello\r\n";

// An authority, and a certificate of "localhost" that it signed.
constexpr char kMakeCertificates[] = R"(
  cd "$1"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test authority' \
    -keyout ca.key -out ca.pem
  openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout key.pem -out request.pem
  echo 'subjectAltName=DNS:localhost' >names
  openssl x509 -req -in request.pem -days 2 -CA ca.pem -CAkey ca.key -set_serial 1 \
    -extfile names -out certificate.pem)";

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = fs::temp_directory_path() / "usher-tls-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    Child make({"/bin/sh", "-ec", absl::StrCat("{ ", kMakeCertificates, "\n} 2>/dev/null"), "sh",
                folder_});
    make.CloseInput();
    make.ReadAll();
    ASSERT_TRUE(fs::exists(folder_ + "/certificate.pem"));
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }
  ~TlsTest() override {
    server_.reset();
    fs::remove_all(Mails());
  }

  static std::string Mails() { return folder_ + "/mails"; }

  // Starts the server with TLS as its options say; how a client reaches and trusts it.
  SmtpOptions Serve(std::vector<std::string> options, const std::string& scheme = "smtp") {
    std::vector<std::string> command = {
        "/usr/bin/python3", SourcePath("tests/support/smtp_catcher.py"), Mails(),
        "--certificate=" + folder_ + "/certificate.pem", "--key=" + folder_ + "/key.pem"};
    command.insert(command.end(), options.begin(), options.end());
    server_ = std::make_unique<Child>(command);
    SmtpOptions client;
    client.url = absl::StrCat(scheme, "://localhost:", server_->ReadLine());
    client.ca_file = folder_ + "/ca.pem";
    client.total_timeout = absl::Seconds(20);
    return client;
  }
  static SmtpResult Send(SmtpOptions options) {
    return SmtpClient(std::move(options)).Send("a@example.com", "b@example.com", kMail);
  }
  // What the server knows of the only mail it got; null when there is none.
  static json Received() {
    std::ifstream file(Mails() + "/000001.json");
    if (!file) return {};
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
  }

  static std::string folder_;
  std::unique_ptr<Child> server_;
};
std::string TlsTest::folder_;

TEST_F(TlsTest, TlsFromTheFirstByte) {
  EXPECT_EQ(Send(Serve({"--tls=implicit"}, "smtps")).outcome, Outcome::kSent);

  EXPECT_EQ(Received()["tls"], true);
}

TEST_F(TlsTest, StartTlsIsUsedWhereItIsOffered) {
  EXPECT_EQ(Send(Serve({})).outcome, Outcome::kSent);

  EXPECT_EQ(Received()["tls"], true);
}

TEST_F(TlsTest, StartTlsIsUsedWhereBothSidesDemandIt) {
  SmtpOptions options = Serve({"--tls=required"});
  options.tls = SmtpTls::kRequired;

  EXPECT_EQ(Send(options).outcome, Outcome::kSent);

  EXPECT_EQ(Received()["tls"], true);
}

TEST_F(TlsTest, SwitchedOffItIsNotUsed) {
  SmtpOptions options = Serve({});
  options.tls = SmtpTls::kOff;

  EXPECT_EQ(Send(options).outcome, Outcome::kSent);

  EXPECT_EQ(Received()["tls"], false);
}

TEST_F(TlsTest, ACertificateOfAnUnknownAuthorityIsNotTrusted) {
  SmtpOptions options = Serve({});
  options.ca_file = "";

  const SmtpResult result = Send(options);

  EXPECT_EQ(result.outcome, Outcome::kTemporary);
  EXPECT_TRUE(result.relay_away);
  EXPECT_TRUE(Received().is_null());
}

TEST_F(TlsTest, ACertificateOfAnotherNameIsNotTrusted) {
  SmtpOptions options = Serve({"--tls=implicit"}, "smtps");
  options.url.replace(options.url.find("localhost"), 9, "127.0.0.1");

  EXPECT_EQ(Send(options).outcome, Outcome::kTemporary);

  EXPECT_TRUE(Received().is_null());
}

TEST_F(TlsTest, TheUserLogsInOverTls) {
  for (const auto& [tls, scheme] : {std::pair("starttls", "smtp"), {"implicit", "smtps"}}) {
    SmtpOptions options =
        Serve({absl::StrCat("--tls=", tls), "--user=usher", "--password=s3cret word"}, scheme);
    options.user = "usher";
    options.password = "s3cret word";

    EXPECT_EQ(Send(options).outcome, Outcome::kSent) << tls;

    EXPECT_EQ(Received()["user"], "usher") << tls;
    fs::remove_all(Mails());
  }
}

TEST_F(TlsTest, AWrongPasswordIsTemporaryAndTurnsTheSessionAway) {
  SmtpOptions options = Serve({"--user=usher", "--password=right"});
  options.user = "usher";
  options.password = "wrong";

  const SmtpResult result = Send(options);

  EXPECT_EQ(result.outcome, Outcome::kTemporary);
  EXPECT_TRUE(result.relay_away);
  EXPECT_TRUE(Received().is_null());
}

TEST_F(TlsTest, MailWithoutALoginThatIsDemandedIsTemporary) {
  const SmtpResult result = Send(Serve({"--user=usher", "--password=right"}));

  EXPECT_EQ(result.outcome, Outcome::kTemporary);
  EXPECT_EQ(result.code, 530);
  EXPECT_TRUE(result.relay_away);
}

}  // namespace
}  // namespace usher::mail
