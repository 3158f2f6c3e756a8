#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "benchmark/latencies.h"
#include "benchmark/processes.h"

namespace usher::bench {

struct LoadOptions {
  std::string target;
  std::string method;    // Such as /usher.v1.UserDirectory/GetUser
  std::string requests;  // A file, see requests.h; taken in turn.
  std::vector<std::string> metadata;
  std::vector<std::string> watched;  // NAME=PID of processes whose CPU is counted.
  int channels = 4;
  int in_flight = 64;
  double rate = 0;  // Calls a second; 0 for a closed loop.
  double warm_up = 1;
  double seconds = 5;
  double timeout = 10;
  bool once = false;  // Ends when the requests do: a change can be made only once.
};

// Calls one method from one thread, and counts.
//
// Closed loop: `in_flight` calls, each followed by the next. Open loop: calls begin at random
// moments (a Poisson process of `rate`) whatever has come back, and each is timed from the moment
// at which it was due, so that a server that stalls cannot hide it by slowing down its caller.
class Load {
 public:
  explicit Load(LoadOptions options);

  // What came of it: calls a second, milliseconds at quantiles, codes, CPU per call.
  nlohmann::json Run();

 private:
  using Clock = std::chrono::steady_clock;
  struct Call {
    Clock::time_point due;
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer response;
    grpc::Status status;
  };
  enum class Phase { kWarmUp, kMeasuring, kOver };

  void Connect();
  void Step(Clock::time_point now);
  void StartDue(Clock::time_point now);
  void Start(Clock::time_point due);
  void Await(Clock::time_point until);
  void Count(const Call& call, Clock::time_point now);
  std::map<std::string, double> Cpu() const;
  nlohmann::json Report() const;
  bool exhausted() const { return options_.once && started_ >= requests_.size(); }

  const LoadOptions options_;
  const std::vector<grpc::ByteBuffer> requests_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  Phase phase_ = Phase::kWarmUp;
  Clock::time_point measured_from_;
  Clock::time_point end_;
  Clock::time_point next_;
  size_t started_ = 0;
  int running_ = 0;
  int64_t not_started_ = 0;  // Open loop: as many were running as may.
  double measured_ = 0;      // Seconds
  std::map<std::string, double> cpu_;
  Latencies latencies_;
  std::map<int, int64_t> codes_;
  std::string first_error_;
  std::mt19937_64 random_{std::random_device{}()};
  std::exponential_distribution<double> pause_{1.0};
};

}  // namespace usher::bench
