#include "server/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace usher::server {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Flags that `serve` cannot do without.
const std::vector<std::string> kRequired = {"--auth=insecure", "--token_key_file=/keys"};

class OptionsTest : public testing::Test {
 protected:
  ~OptionsTest() override {
    for (const std::string& name : variables_) unsetenv(name.c_str());
  }

  void SetVariable(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), /*replace=*/1);
    variables_.push_back(name);
  }

  static ParsedCommandLine ParseOnly(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"usherd"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
  }

  static ParsedCommandLine Parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kRequired.begin(), kRequired.end());
    return ParseOnly(std::move(arguments));
  }

 private:
  std::vector<std::string> variables_;
};

MATCHER_P(IsRefusedWith, text, "") {
  *result_listener << "exit code " << arg.exit_code << ", output " << arg.output;
  const auto lines = std::count(arg.output.begin(), arg.output.end(), '\n');
  return !arg.run && arg.exit_code == 2 && lines == 1 && arg.output.back() == '\n' &&
         arg.output.find(text) != std::string::npos;
}

TEST_F(OptionsTest, ServesByDefault) {
  const auto parsed = Parse({});

  ASSERT_TRUE(parsed.run) << parsed.output;
  EXPECT_EQ(parsed.command, Command::kServe);
  EXPECT_EQ(parsed.options.listen, "127.0.0.1:50051");
  EXPECT_EQ(parsed.options.metrics_listen, "127.0.0.1:9464");
  EXPECT_EQ(parsed.options.database_connections, 4);
  EXPECT_EQ(parsed.options.drain_delay, absl::Seconds(5));
  EXPECT_TRUE(parsed.options.reflection);
  EXPECT_FALSE(parsed.options.migrate);
}

TEST_F(OptionsTest, KnowsItsCommands) {
  const std::map<std::string, Command> commands = {
      {"serve", Command::kServe},
      {"migrate", Command::kMigrate},
      {"check", Command::kCheck},
      {"generate-token-key", Command::kGenerateTokenKey},
      {"version", Command::kVersion}};

  for (const auto& [name, command] : commands) {
    const auto parsed = Parse({name});
    ASSERT_TRUE(parsed.run) << name << ": " << parsed.output;
    EXPECT_EQ(parsed.command, command) << name;
  }
}

TEST_F(OptionsTest, OnlyServeNeedsCallersAndKeys) {
  EXPECT_TRUE(ParseOnly({"migrate"}).run);
  EXPECT_TRUE(ParseOnly({"check"}).run);
  EXPECT_TRUE(ParseOnly({"generate-token-key"}).run);
  EXPECT_THAT(ParseOnly({"--token_key_file=/keys"}), IsRefusedWith("--auth: either"));
  EXPECT_THAT(ParseOnly({"--auth=insecure"}), IsRefusedWith("--token_key_file: must be set"));
}

TEST_F(OptionsTest, ReadsFlagsBeforeAndAfterTheCommandAndTheLastOneWins) {
  const auto parsed = Parse({"--lanes=2", "--lanes", "3", "serve", "--max_calls=7"});

  ASSERT_TRUE(parsed.run) << parsed.output;
  EXPECT_EQ(parsed.options.lanes, 3);
  EXPECT_EQ(parsed.options.max_calls, 7);
}

TEST_F(OptionsTest, ReadsTheValuesOfEachKind) {
  const auto parsed = Parse({"--max_deadline=1m30s", "--drain_delay=0", "--log_level=debug",
                             "--smtp_tls=required", "--database=host=db user=u"});

  ASSERT_TRUE(parsed.run) << parsed.output;
  EXPECT_EQ(parsed.options.max_deadline, absl::Seconds(90));
  EXPECT_EQ(parsed.options.drain_delay, absl::ZeroDuration());
  EXPECT_EQ(parsed.options.log_level, Level::kDebug);
  EXPECT_EQ(parsed.options.smtp_tls, mail::SmtpTls::kRequired);
  EXPECT_EQ(parsed.options.database, "host=db user=u");
}

TEST_F(OptionsTest, SwitchesTakeTrueFalseOrNothing) {
  EXPECT_TRUE(Parse({"--migrate"}).options.migrate);
  EXPECT_TRUE(Parse({"--migrate=true"}).options.migrate);
  EXPECT_FALSE(Parse({"--migrate=false"}).options.migrate);
  EXPECT_FALSE(Parse({"--reflection=false"}).options.reflection);
  EXPECT_THAT(Parse({"--reflection=maybe"}), IsRefusedWith("--reflection: must be true or false"));
}

TEST_F(OptionsTest, ASwitchDoesNotTakeTheCommandForItsValue) {
  const auto parsed = Parse({"--migrate", "check"});

  ASSERT_TRUE(parsed.run) << parsed.output;
  EXPECT_TRUE(parsed.options.migrate);
  EXPECT_EQ(parsed.command, Command::kCheck);
}

TEST_F(OptionsTest, AnEmptyValueTurnsMetricsOff) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--metrics_listen=", "--lanes=2"}, {"--metrics_listen", "", "--lanes=2"}}) {
    const auto parsed = Parse(arguments);
    ASSERT_TRUE(parsed.run) << parsed.output;
    EXPECT_THAT(parsed.options.metrics_listen, IsEmpty());
    EXPECT_EQ(parsed.options.lanes, 2);
  }
}

TEST_F(OptionsTest, AVariableTurnsMetricsOffByAWordBecauseAnEmptyOneIsNotSet) {
  SetVariable("USHER_METRICS_LISTEN", "");
  EXPECT_EQ(Parse({}).options.metrics_listen, "127.0.0.1:9464");

  SetVariable("USHER_METRICS_LISTEN", "off");
  EXPECT_THAT(Parse({}).options.metrics_listen, IsEmpty());
}

TEST_F(OptionsTest, TakesVariablesAndPrefersFlags) {
  SetVariable("USHER_LANES", "5");
  SetVariable("USHER_MIGRATE", "true");
  SetVariable("USHER_AUTH", "insecure");
  SetVariable("USHER_TOKEN_KEY_FILE", "/keys");

  const auto parsed = ParseOnly({});
  ASSERT_TRUE(parsed.run) << parsed.output;
  EXPECT_EQ(parsed.options.lanes, 5);
  EXPECT_TRUE(parsed.options.migrate);
  EXPECT_EQ(ParseOnly({"--lanes=6"}).options.lanes, 6);
}

TEST_F(OptionsTest, NamesTheFlagOrTheVariableThatIsWrong) {
  EXPECT_THAT(Parse({"--lanes=0"}), IsRefusedWith("--lanes: must be a number from 1 to 64"));

  SetVariable("USHER_LANES", "many");
  EXPECT_THAT(Parse({}), IsRefusedWith("USHER_LANES: must be a number from 1 to 64"));
}

TEST_F(OptionsTest, RefusesBadValuesWithOneLineThatNamesTheFlag) {
  const std::map<std::string, std::string> cases = {
      {"--listen=localhost", "--listen: must be HOST:PORT"},
      {"--listen=localhost:70000", "--listen"},
      {"--listen=:1", "--listen"},
      {"--listen=::1:50051", "--listen: must be HOST:PORT"},
      {"--listen=[127.0.0.1]:1", "--listen: must be HOST:PORT"},
      {"--metrics_listen=9464", "--metrics_listen"},
      {"--metrics_listen=127.0.0.1:9464,0.0.0.0:80", "--metrics_listen: must be HOST:PORT"},
      {"--metrics_listen=http://localhost:9464", "--metrics_listen"},
      {"--metrics_listen=a b:9464", "--metrics_listen"},
      {"--lanes=1.5", "--lanes"},
      {"--lanes=0x2", "--lanes"},
      {"--lanes=99999999999", "--lanes"},
      {"--max_calls=-1", "--max_calls"},
      {"--database_connections=", "--database_connections"},
      {"--max_deadline=30", "--max_deadline: must be a duration"},
      {"--max_deadline=-5s", "--max_deadline"},
      {"--drain_timeout=inf", "--drain_timeout"},
      {"--log_level=verbose", "--log_level: must be one of debug, error, info, warning"},
      {"--auth=none", "--auth"},
      {"--smtp_url=mail.example.net", "--smtp_url"},
      {"--smtp_tls=maybe", "--smtp_tls"},
      {"--mail_from=nobody", "--mail_from"},
      {"--mail_from=", "--mail_from"},
      {"--accept_uri_template=https://a.example", "--accept_uri_template"},
      {"--accept_uri_template=https://a.example/{token}/{token}", "--accept_uri_template"},
      {"--lanes=\n", "--lanes"}};

  for (const auto& [argument, text] : cases) {
    EXPECT_THAT(Parse({argument}), IsRefusedWith(text)) << argument;
  }
}

TEST_F(OptionsTest, RefusesAFlagWithoutItsValue) {
  EXPECT_THAT(ParseOnly({"--lanes"}), IsRefusedWith("--lanes: needs a value"));
}

TEST_F(OptionsTest, RefusesUnknownFlagsAndCommandsWithoutTheirValues) {
  const auto parsed = Parse({"--smtp_pasword=s3cret"});

  EXPECT_THAT(parsed, IsRefusedWith("--smtp_pasword: no such flag or command"));
  EXPECT_THAT(parsed.output, Not(HasSubstr("s3cret")));
  EXPECT_THAT(Parse({"dance"}), IsRefusedWith("dance: no such flag or command"));
}

TEST_F(OptionsTest, DoesNotServeInsteadOfACommandBehindTwoDashes) {
  EXPECT_THAT(Parse({"--", "check"}), IsRefusedWith("--: no such flag or command"));
}

TEST_F(OptionsTest, RefusesTwoCommands) {
  EXPECT_THAT(Parse({"migrate", "check"}), IsRefusedWith("check: only one command"));
}

TEST_F(OptionsTest, InsecureListensOnLoopbackOnly) {
  for (const char* address : {"127.0.0.1:1", "127.8.9.1:0", "localhost:50051", "[::1]:50051"}) {
    EXPECT_TRUE(Parse({std::string("--listen=") + address}).run) << address;
  }
  for (const char* address : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "example.net:1",
                              "127.example.net:1", "localhost.example.net:1"}) {
    EXPECT_THAT(Parse({std::string("--listen=") + address}), IsRefusedWith("loopback")) << address;
  }
}

TEST_F(OptionsTest, ReadsThePasswordFileWithoutItsLineEnd) {
  const std::string path = testing::TempDir() + "/usher_options_test_password";
  std::ofstream(path) << "s3cret\n";

  EXPECT_EQ(Parse({"--smtp_password_file=" + path}).options.smtp_password, "s3cret");
  EXPECT_THAT(Parse({"--smtp_password_file=/nonexistent/file"}),
              IsRefusedWith("--smtp_password_file"));
}

TEST_F(OptionsTest, RefusesSecretsInTheMailServersAddress) {
  const auto parsed = Parse({"--smtp_url=smtp://u:s3cret@mail.example.net:25"});

  EXPECT_THAT(parsed, IsRefusedWith("--smtp_url"));
  EXPECT_THAT(parsed.output, Not(HasSubstr("s3cret")));
}

TEST_F(OptionsTest, PrintsTheConfigurationWithoutSecrets) {
  SetVariable("USHER_SMTP_PASSWORD", "s3cret");

  const auto parsed = ParseOnly(
      {"--print_config", "--lanes=2", "--database=postgresql://u:s3cret@db/usher?sslmode=require"});

  EXPECT_FALSE(parsed.run);
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.output, Not(HasSubstr("s3cret")));
  EXPECT_THAT(parsed.output, AllOf(HasSubstr("lanes = 2\n"), HasSubstr("max_deadline = 30s\n"),
                                   HasSubstr("smtp_password = (hidden)\n"),
                                   HasSubstr("password=(hidden)"), HasSubstr("host=db")));
}

TEST_F(OptionsTest, PrintsWhereValuesComeFrom) {
  SetVariable("USHER_LANES", "2");
  SetVariable("USHER_MAX_CALLS", "8");
  SetVariable("USHER_LISTEN", "");

  EXPECT_THAT(ParseOnly({"--print_config", "--max_calls=9"}).output,
              StartsWith("# from the command line\nmax_calls = 9\n"
                         "# from the environment\nlanes = 2\n"
                         "# defaults\nlisten = 127.0.0.1:50051\n"));
}

TEST_F(OptionsTest, PrintsNothingForASecretThatIsNotSet) {
  EXPECT_THAT(ParseOnly({"--print_config"}).output, HasSubstr("\nsmtp_password = \n"));
}

TEST_F(OptionsTest, HelpsWithEveryCommandAlike) {
  const auto parsed = ParseOnly({"--help"});

  EXPECT_FALSE(parsed.run);
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.output, AllOf(HasSubstr("PostgreSQL:"), HasSubstr("--listen"),
                                   HasSubstr("USHER_LISTEN"), HasSubstr("generate-token-key")));
  EXPECT_EQ(ParseOnly({"serve", "--help"}).output, parsed.output);
}

TEST_F(OptionsTest, HelpMarkdownHasARowForEveryFlag) {
  const auto parsed = ParseOnly({"--help_markdown"});

  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.output, StartsWith("| Flag | Variable | Default | Meaning |\n|---|---|---|"));
  EXPECT_THAT(parsed.output,
              HasSubstr("| `--listen` | `USHER_LISTEN` | `127.0.0.1:50051` | Address for gRPC"));
  EXPECT_THAT(parsed.output, EndsWith("|\n"));
  for (const char* flag : {"listen_address_file", "smtp_password", "accept_uri_template"}) {
    EXPECT_THAT(parsed.output, HasSubstr(std::string("| `--") + flag + "` |"));
  }
}

TEST_F(OptionsTest, HelpMarkdownShowsDefaultsWhateverIsSet) {
  SetVariable("USHER_LANES", "9");

  EXPECT_THAT(ParseOnly({"--help_markdown"}).output, HasSubstr("| `USHER_LANES` | `1` |"));
}

TEST_F(OptionsTest, CallersAreKnownInOneWay) {
  EXPECT_THAT(Parse({"--auth_config=/auth.conf"}), IsRefusedWith("--auth: either"));

  const auto parsed =
      ParseOnly({"--auth_config=/auth.conf", "--token_key_file=/keys", "--listen=0.0.0.0:50051"});
  EXPECT_TRUE(parsed.run) << parsed.output;
}

TEST_F(OptionsTest, TlsFlagsBelongTogether) {
  EXPECT_THAT(Parse({"--tls_certificate=/c"}), IsRefusedWith("--tls_key: must be set together"));
  EXPECT_THAT(Parse({"--tls_key=/k"}), IsRefusedWith("--tls_key: must be set together"));
  EXPECT_THAT(Parse({"--tls_client_ca=/ca"}), IsRefusedWith("--tls_client_ca: needs"));
  EXPECT_THAT(Parse({"--tls_certificate=/c", "--tls_key=/k", "--tls_require_client_certificate"}),
              IsRefusedWith("--tls_require_client_certificate: needs"));
}

}  // namespace
}  // namespace usher::server
