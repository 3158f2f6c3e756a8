#include "benchmark/load.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmark/requests.h"

namespace usher::bench {
namespace {

using std::chrono::nanoseconds;

// What an open loop may have running: beyond that the server is far behind anyway.
constexpr int kMostRunning = 20'000;
constexpr std::chrono::seconds kPatience{10};

nanoseconds Seconds(double seconds) { return nanoseconds(static_cast<int64_t>(seconds * 1e9)); }

// NAME=VALUE
std::pair<std::string, std::string> Halves(const std::string& pair) {
  const size_t equals = std::min(pair.find('='), pair.size() - 1);
  return {pair.substr(0, equals), pair.substr(equals + 1)};
}

}  // namespace

Load::Load(LoadOptions options)
    : options_(std::move(options)), requests_(ReadRequests(options_.requests)) {
  Connect();
}

void Load::Connect() {
  for (int i = 0; i < options_.channels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel =
        grpc::CreateCustomChannel(options_.target, grpc::InsecureChannelCredentials(), arguments);
    channel->WaitForConnected(std::chrono::system_clock::now() + kPatience);
    stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
}

nlohmann::json Load::Run() {
  if (requests_.empty()) return {{"error", "no requests"}};
  next_ = Clock::now();
  measured_from_ = next_ + Seconds(options_.warm_up);
  end_ = measured_from_ + Seconds(options_.seconds);
  if (options_.rate == 0) {
    for (int i = 0; i < options_.in_flight && !exhausted(); ++i) Start(Clock::now());
  }
  while (phase_ != Phase::kOver) Step(Clock::now());
  const auto patience = Clock::now() + kPatience;
  while (running_ > 0 && Clock::now() < patience) Await(patience);
  return Report();
}

void Load::Step(Clock::time_point now) {
  if (phase_ == Phase::kWarmUp && now >= measured_from_) {
    phase_ = Phase::kMeasuring;
    measured_from_ = now;
    cpu_ = Cpu();
  }
  if (now >= end_ || (exhausted() && running_ == 0)) {
    if (phase_ == Phase::kMeasuring) {
      measured_ = std::chrono::duration<double>(now - measured_from_).count();
      for (auto& [name, seconds] : cpu_) seconds = Cpu()[name] - seconds;
    }
    phase_ = Phase::kOver;
    return;
  }
  if (options_.rate > 0) StartDue(now);
  const auto turn = phase_ == Phase::kWarmUp ? measured_from_ : end_;
  Await(options_.rate > 0 ? std::min(next_, turn) : turn);
}

void Load::StartDue(Clock::time_point now) {
  while (next_ <= now && !exhausted()) {
    if (running_ < kMostRunning) {
      Start(next_);
    } else if (phase_ == Phase::kMeasuring) {
      ++not_started_;
    }
    next_ += Seconds(pause_(random_) / options_.rate);
  }
}

void Load::Start(Clock::time_point due) {
  auto* call = new Call;
  call->due = due;
  call->context.set_deadline(std::chrono::system_clock::now() + Seconds(options_.timeout));
  for (const std::string& pair : options_.metadata) {
    const auto [key, value] = Halves(pair);
    call->context.AddMetadata(key, value);
  }
  auto& stub = stubs_[started_ % stubs_.size()];
  const auto& request = requests_[started_++ % requests_.size()];
  call->reader = stub->PrepareUnaryCall(&call->context, options_.method, request, &queue_);
  call->reader->StartCall();
  call->reader->Finish(&call->response, &call->status, call);
  ++running_;
}

// Takes one answer, if one comes in time.
void Load::Await(Clock::time_point until) {
  void* tag = nullptr;
  bool ok = false;
  const auto wait = std::max(nanoseconds(0), nanoseconds(until - Clock::now()));
  const auto deadline = std::chrono::system_clock::now() + wait;
  if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return;
  const auto now = Clock::now();
  const std::unique_ptr<Call> call(static_cast<Call*>(tag));
  --running_;
  if (phase_ == Phase::kMeasuring) Count(*call, now);
  if (options_.rate == 0 && phase_ != Phase::kOver && !exhausted()) Start(now);
}

void Load::Count(const Call& call, Clock::time_point now) {
  ++codes_[call.status.error_code()];
  if (call.status.ok()) return latencies_.Add(now - call.due);
  if (first_error_.empty()) first_error_ = call.status.error_message();
}

std::map<std::string, double> Load::Cpu() const {
  std::map<std::string, double> seconds{{"client", CpuSeconds(getpid())}};
  for (const std::string& pair : options_.watched) {
    const auto [name, pid] = Halves(pair);
    seconds[name] = CpuSeconds(std::atoi(pid.c_str()));
  }
  return seconds;
}

nlohmann::json Load::Report() const {
  int64_t ended = 0;
  nlohmann::json report;
  for (const auto& [code, count] : codes_) {
    ended += count;
    report["codes"][absl::StrCat(code)] = count;
  }
  if (!first_error_.empty()) report["first_error"] = first_error_;
  if (not_started_ > 0) report["not_started"] = not_started_;
  if (running_ > 0) report["not_answered"] = running_;
  report["seconds"] = measured_;
  report["rate"] = measured_ > 0 ? static_cast<double>(latencies_.count()) / measured_ : 0;
  for (const auto& [name, seconds] : cpu_) {
    report["cpu_us"][name] = ended > 0 ? seconds * 1e6 / static_cast<double>(ended) : 0;
  }
  const std::pair<const char*, double> quantiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};
  for (const auto& [name, q] : quantiles) report["ms"][name] = latencies_.Quantile(q) / 1e6;
  return report;
}

}  // namespace usher::bench

int main(int argc, char** argv) {
  usher::bench::LoadOptions options;
  CLI::App app("Calls one RPC over and over, and prints figures as one line of JSON.");
  app.add_option("--target", options.target)->required();
  app.add_option("--method", options.method)->required();
  app.add_option("--requests", options.requests)->required();
  app.add_option("--metadata", options.metadata, "key=value, any number");
  app.add_option("--watch", options.watched, "NAME=PID whose CPU is counted, any number");
  app.add_option("--channels", options.channels);
  app.add_option("--in_flight", options.in_flight);
  app.add_option("--rate", options.rate, "Calls a second, whatever comes back");
  app.add_option("--warm_up", options.warm_up, "Seconds");
  app.add_option("--seconds", options.seconds);
  app.add_option("--timeout", options.timeout, "Seconds for each call");
  app.add_flag("--once", options.once, "Send no request twice");
  CLI11_PARSE(app, argc, argv);
  std::puts(usher::bench::Load(options).Run().dump().c_str());
  std::fflush(stdout);
  // gRPC's own end takes seconds that nobody needs.
  std::_Exit(0);
}
