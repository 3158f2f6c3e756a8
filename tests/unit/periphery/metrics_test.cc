#include "server/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace usher::server {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// `name{label="value"}` of each sample and its value, as a scrape gets them.
using Samples = std::map<std::string, std::string>;

class MetricsTest : public testing::Test {
 protected:
  Samples Scrape() const {
    Samples samples;
    for (const auto line : absl::StrSplit(metrics_.Text(), '\n', absl::SkipEmpty())) {
      if (absl::StartsWith(line, "#")) continue;
      const std::string text(line);
      const size_t space = text.rfind(' ');
      samples.emplace(text.substr(0, space), text.substr(space + 1));
    }
    return samples;
  }

  // The series of a metric, without its name.
  std::vector<std::string> SeriesOf(const std::string& name) const {
    std::vector<std::string> series;
    for (const auto& [sample, value] : Scrape()) {
      if (absl::StartsWith(sample, absl::StrCat(name, "{"))) {
        series.push_back(sample.substr(name.size()));
      }
    }
    return series;
  }

  Metrics metrics_{{{"usher.v1.InvitationService", "CreateInvitation", "unary"},
                    {"usher.v1.EventLog", "WatchEvents", "server_stream"}},
                   "1.2.3"};
};

constexpr const char* kCreate =
    R"({grpc_method="CreateInvitation",grpc_service="usher.v1.InvitationService",grpc_type="unary"})";
constexpr const char* kWatch =
    R"({grpc_method="WatchEvents",grpc_service="usher.v1.EventLog",grpc_type="server_stream"})";

std::string CreateWithCode(const std::string& code) {
  return absl::StrCat(
      R"(grpc_server_handled_total{grpc_code=")", code,
      R"(",grpc_method="CreateInvitation",grpc_service="usher.v1.InvitationService",grpc_type="unary"})");
}

TEST_F(MetricsTest, HasTheNamesOfGoGrpcPrometheusForEachMethodFromTheStart) {
  for (const char* name :
       {"grpc_server_started_total", "grpc_server_msg_received_total", "grpc_server_msg_sent_total",
        "grpc_server_handling_seconds_count", "grpc_server_handling_seconds_sum"}) {
    EXPECT_THAT(SeriesOf(name), UnorderedElementsAre(kCreate, kWatch)) << name;
  }
  EXPECT_EQ(SeriesOf("grpc_server_handled_total").size(), 2 * 17);
}

TEST_F(MetricsTest, SpellsCodesAsGoGrpcPrometheusDoes) {
  const auto samples = Scrape();

  for (const char* code :
       {"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound",
        "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted",
        "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"}) {
    EXPECT_THAT(samples, Contains(Pair(CreateWithCode(code), "0"))) << code;
  }
}

TEST_F(MetricsTest, CountsCallsOfTheirMethodOnly) {
  RpcMetrics& rpc = metrics_.rpc("usher.v1.InvitationService", "CreateInvitation");
  rpc.Started();
  rpc.Started();
  rpc.Handled(0, 0.25);
  rpc.Handled(3, 0.5);

  const auto samples = Scrape();
  EXPECT_EQ(samples.at(absl::StrCat("grpc_server_started_total", kCreate)), "2");
  EXPECT_EQ(samples.at(absl::StrCat("grpc_server_started_total", kWatch)), "0");
  EXPECT_EQ(samples.at(absl::StrCat("grpc_server_msg_received_total", kCreate)), "2");
  EXPECT_EQ(samples.at(absl::StrCat("grpc_server_msg_sent_total", kCreate)), "1");
  EXPECT_EQ(samples.at(absl::StrCat("grpc_server_handling_seconds_sum", kCreate)), "0.75");
  EXPECT_EQ(samples.at(CreateWithCode("OK")), "1");
  EXPECT_EQ(samples.at(CreateWithCode("InvalidArgument")), "1");
}

TEST_F(MetricsTest, CountsANumberThatIsNoCodeAsUnknown) {
  RpcMetrics& rpc = metrics_.rpc("usher.v1.InvitationService", "CreateInvitation");
  rpc.Handled(-1, 0.1);
  rpc.Handled(17, 0.1);

  EXPECT_EQ(Scrape().at(CreateWithCode("Unknown")), "2");
}

TEST_F(MetricsTest, CountsRefusalsByReasonOfTheFixedList) {
  RpcMetrics& rpc = metrics_.rpc("usher.v1.InvitationService", "CreateInvitation");
  const size_t before = SeriesOf("usher_refusals_total").size();
  rpc.Refused("INVITATION_EXISTS");
  rpc.Refused("made up by somebody");

  const auto samples = Scrape();
  EXPECT_EQ(before, 42);
  EXPECT_EQ(SeriesOf("usher_refusals_total").size(), before);
  EXPECT_EQ(samples.at(R"(usher_refusals_total{reason="INVITATION_EXISTS"})"), "1");
  EXPECT_EQ(samples.at(R"(usher_refusals_total{reason="INTERNAL"})"), "1");
}

TEST_F(MetricsTest, KeepsLabelsBoundedWhateverIsReported) {
  for (int i = 0; i < 100; ++i) {
    const std::string text = absl::StrCat("X", i);
    metrics_.pool().Failed(text);
    metrics_.pool().Retried(text);
    metrics_.MailAttempt(text);
  }

  const auto samples = Scrape();
  EXPECT_EQ(samples.at(R"(usher_statement_errors_total{class="other"})"), "100");
  EXPECT_EQ(samples.at(R"(usher_transaction_retries_total{cause="other"})"), "100");
  EXPECT_EQ(samples.at(R"(usher_mail_attempts_total{outcome="other"})"), "100");
  for (const auto& [sample, value] : samples) EXPECT_THAT(sample, Not(HasSubstr("\"X")));
}

TEST_F(MetricsTest, TellsAPoolsErrorsByClassAndRetriesByCause) {
  metrics_.pool().Failed("23505");
  metrics_.pool().Failed("");
  metrics_.pool().Retried("40001");
  metrics_.pool().Retried("lost");

  const auto samples = Scrape();
  EXPECT_EQ(samples.at(R"(usher_statement_errors_total{class="23"})"), "1");
  EXPECT_EQ(samples.at(R"(usher_statement_errors_total{class="other"})"), "1");
  EXPECT_EQ(samples.at(R"(usher_transaction_retries_total{cause="40001"})"), "1");
  EXPECT_EQ(samples.at(R"(usher_transaction_retries_total{cause="lost"})"), "1");
}

TEST_F(MetricsTest, KeepsOneHistogramForEachStatementName) {
  const std::string copy = "invitations.create";
  metrics_.pool().Statement("invitations.create", 0.001);
  metrics_.pool().Statement(copy.c_str(), 0.002);

  EXPECT_THAT(SeriesOf("usher_statement_seconds_count"),
              ElementsAre(R"({statement="invitations.create"})"));
  EXPECT_EQ(Scrape().at(R"(usher_statement_seconds_count{statement="invitations.create"})"), "2");
}

TEST_F(MetricsTest, TellsTheLoadOfEachLane) {
  metrics_.pool().SetLoad(0, 4, 2, 1);
  metrics_.pool().SetLoad(1, 3, 0, 0);
  metrics_.pool().SetLoad(0, 4, 1, 0);

  const auto samples = Scrape();
  EXPECT_EQ(samples.at(R"(usher_pool_connections{lane="0"})"), "4");
  EXPECT_EQ(samples.at(R"(usher_pool_in_flight{lane="0"})"), "1");
  EXPECT_EQ(samples.at(R"(usher_pool_waiting{lane="0"})"), "0");
  EXPECT_EQ(samples.at(R"(usher_pool_connections{lane="1"})"), "3");
}

TEST_F(MetricsTest, TellsMailAndTheBuild) {
  metrics_.MailAttempt("sent");
  metrics_.MailQueue(7, -2);

  const auto samples = Scrape();
  EXPECT_EQ(samples.at(R"(usher_mail_attempts_total{outcome="sent"})"), "1");
  EXPECT_EQ(samples.at("usher_mail_queue_depth"), "7");
  EXPECT_EQ(samples.at("usher_mail_oldest_age_seconds"), "0");
  EXPECT_EQ(samples.at(R"(usher_build_info{version="1.2.3"})"), "1");
}

TEST_F(MetricsTest, TellsTheProcess) {
  const auto samples = Scrape();

  EXPECT_GT(std::stod(samples.at("process_resident_memory_bytes")), 1e6);
  EXPECT_GE(std::stod(samples.at("process_open_fds")), 3);
  EXPECT_GE(std::stod(samples.at("process_cpu_seconds_total")), 0);
  EXPECT_GT(std::stod(samples.at("process_start_time_seconds")), 1.7e9);
}

// What `promtool check metrics` asks for: help, a type, counters that end in _total and no others.
TEST_F(MetricsTest, NamesAreAsPrometheusWantsThem) {
  metrics_.pool().Statement("invitations.create", 0.001);
  metrics_.pool().SetLoad(0, 1, 1, 1);

  const std::string text = metrics_.Text();
  int types = 0;
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (!absl::StartsWith(line, "# TYPE ")) continue;
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    EXPECT_THAT(text, HasSubstr(absl::StrCat("# HELP ", words[2], " "))) << words[2];
    EXPECT_EQ(words[3] == "counter", absl::EndsWith(words[2], "_total")) << words[2];
    ++types;
  }
  EXPECT_GT(types, 20);
}

TEST_F(MetricsTest, AbortsForAMethodThatWasNotGiven) {
  EXPECT_DEATH(metrics_.rpc("usher.v1.InvitationService", "Nothing"), "no metrics for");
}

std::string Get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request =
        absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      char buffer[4096];
      for (ssize_t size; (size = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
        answer.append(buffer, static_cast<size_t>(size));
      }
    }
  }
  close(fd);
  return answer;
}

TEST_F(MetricsTest, AnswersScrapesOnThePortItTells) {
  ASSERT_EQ(metrics_.port(), 0);
  ASSERT_TRUE(metrics_.Serve("127.0.0.1:0").ok());

  ASSERT_GT(metrics_.port(), 0);
  EXPECT_THAT(Get(metrics_.port(), "/metrics"),
              AllOf(HasSubstr("200 OK"), HasSubstr("usher_build_info{version=\"1.2.3\"} 1"),
                    HasSubstr("process_open_fds")));
}

TEST_F(MetricsTest, ServesOnAName) { EXPECT_TRUE(metrics_.Serve("localhost:0").ok()); }

TEST_F(MetricsTest, SaysWhichAddressCannotBeHad) {
  ASSERT_TRUE(metrics_.Serve("127.0.0.1:0").ok());
  const std::string taken = absl::StrCat("127.0.0.1:", metrics_.port());
  Metrics second({}, "1.2.3");

  const absl::Status status = second.Serve(taken);

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(taken));
}

}  // namespace
}  // namespace usher::server
