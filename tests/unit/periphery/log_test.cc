#include "server/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace usher::server {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;
using Json = nlohmann::ordered_json;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    SetLogSink([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~LogTest() override {
    SetLogSink(nullptr);
    SetLogLevel(Level::kInfo);
  }

  Json Only() const { return lines_.size() == 1 ? Json::parse(lines_[0]) : Json(); }

  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneObjectWithTimeLevelMessageAndFieldsInOrder) {
  Log(Level::kWarning, "call done", {{"rpc", "ListUsers"}, {"ms", 1.23456}});

  const Json line = Only();
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("time", "level", "message", "rpc", "ms"));
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["message"], "call done");
  EXPECT_EQ(line["ms"], 1.235);
}

TEST_F(LogTest, TellsTheTimeInUtcWithMicroseconds) {
  Log(Level::kInfo, "now");

  constexpr const char* kTime = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z";
  EXPECT_THAT(Only()["time"].get<std::string>(), MatchesRegex(kTime));
}

TEST_F(LogTest, KeepsTheTypeOfEachField) {
  const std::string text = "t";

  Log(Level::kInfo, "types",
      {{"text", text},
       {"view", std::string_view("v")},
       {"int", -7},
       {"size", size_t{8}},
       {"long", std::numeric_limits<int64_t>::max()},
       {"yes", true}});

  const Json line = Only();
  EXPECT_EQ(line["text"], "t");
  EXPECT_EQ(line["view"], "v");
  EXPECT_EQ(line["int"], -7);
  EXPECT_EQ(line["size"], 8);
  EXPECT_EQ(line["long"], std::numeric_limits<int64_t>::max());
  EXPECT_TRUE(line["yes"].is_boolean());
}

TEST_F(LogTest, LeavesOutEmptyTextButNotZero) {
  Log(Level::kInfo, "empty", {{"org", ""}, {"count", 0}});

  EXPECT_FALSE(Only().contains("org"));
  EXPECT_EQ(Only()["count"], 0);
}

TEST_F(LogTest, KeepsALineOneLineWhateverTheBytes) {
  const std::string strange("a\nb\r\"\\\0\x1b\xff\xc3(", 11);

  Log(Level::kError, strange, {{"detail", strange}});

  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_EQ(lines_[0].find('\n'), lines_[0].size() - 1);
  EXPECT_EQ(lines_[0].find('\0'), std::string::npos);
  EXPECT_THAT(Only()["detail"].get<std::string>(), HasSubstr("\xef\xbf\xbd"));
}

TEST_F(LogTest, WritesWhatIsNoNumberAsNull) {
  Log(Level::kInfo, "numbers", {{"ms", std::numeric_limits<double>::quiet_NaN()}});

  EXPECT_TRUE(Only()["ms"].is_null());
}

TEST_F(LogTest, WritesNothingBelowTheLevel) {
  SetLogLevel(Level::kWarning);

  Log(Level::kInfo, "quiet");
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_FALSE(LogEnabled(Level::kInfo));

  Log(Level::kError, "loud");
  EXPECT_THAT(lines_, SizeIs(1));
  EXPECT_TRUE(LogEnabled(Level::kWarning));
}

TEST_F(LogTest, GivesTheSinkWholeLinesOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;

  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([] {
      for (int line = 0; line < kLines; ++line) Log(Level::kInfo, "line", {{"number", line}});
    });
  }
  for (auto& thread : threads) thread.join();

  ASSERT_THAT(lines_, SizeIs(kThreads * kLines));
  for (const auto& line : lines_) EXPECT_TRUE(Json::accept(line)) << line;
}

TEST(LogToStandardErrorTest, WritesThereWithoutASink) {
  testing::internal::CaptureStderr();

  Log(Level::kInfo, "hello");

  EXPECT_THAT(testing::internal::GetCapturedStderr(), EndsWith("\"message\":\"hello\"}\n"));
}

}  // namespace
}  // namespace usher::server
