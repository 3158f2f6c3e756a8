#include "server/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "server/process_metrics.h"

namespace usher::server {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;
using prometheus::Registry;

// The spelling of go-grpc-prometheus, by number.
constexpr std::array<const char*, 17> kCodeLabels = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

// Reads take a fraction of a millisecond, a call that waits for a lock seconds.
const Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                              0.1,    0.25,  0.5,    1,     2.5,  5,     10};

// SQLSTATE classes worth telling apart; PostgreSQL's manual, appendix A.
constexpr std::array kErrorClasses = {"08", "22", "23", "25", "40", "42", "53", "55", "57"};
constexpr std::array kRetryReasons = {"40001", "40P01", "25006", "26000", "0A000",
                                      "57P01", "57P02", "57P03", "lost"};
constexpr std::array kAnnounced = {"invitation.expired", "membership.ended"};
constexpr std::array kPurged = {"events", "requests"};
constexpr std::array kMailOutcomes = {"sent", "temporary", "permanent", "ambiguous", "withdrawn"};

template <size_t kSize>
std::string OneOf(const std::array<const char*, kSize>& set, std::string_view value) {
  const auto found = std::find(set.begin(), set.end(), value);
  return found == set.end() ? "other" : *found;
}

prometheus::Labels LabelsOf(const MethodName& method) {
  return {
      {"grpc_type", method.type}, {"grpc_service", method.service}, {"grpc_method", method.name}};
}

RefusalCounters MakeRefusals(Registry& registry) {
  auto& family = BuildCounter()
                     .Name("usher_refusals_total")
                     .Help("Calls that were refused, by reason.")
                     .Register(registry);
  RefusalCounters counters;
  for (int i = 1; i <= static_cast<int>(model::kLastReason); ++i) {
    const std::string_view name = model::ReasonName(static_cast<model::Reason>(i));
    counters.emplace(name, &family.Add({{"reason", std::string(name)}}));
  }
  return counters;
}

}  // namespace

RpcMetrics::RpcMetrics(const MethodName& method, Registry& registry,
                       const RefusalCounters& refusals)
    : unary_(method.type == "unary"),
      started_(BuildCounter()
                   .Name("grpc_server_started_total")
                   .Help("Total number of RPCs started on the server.")
                   .Register(registry)
                   .Add(LabelsOf(method))),
      received_(BuildCounter()
                    .Name("grpc_server_msg_received_total")
                    .Help("Total number of RPC stream messages received on the server.")
                    .Register(registry)
                    .Add(LabelsOf(method))),
      sent_(BuildCounter()
                .Name("grpc_server_msg_sent_total")
                .Help("Total number of gRPC stream messages sent by the server.")
                .Register(registry)
                .Add(LabelsOf(method))),
      seconds_(BuildHistogram()
                   .Name("grpc_server_handling_seconds")
                   .Help("Response latency (seconds) of gRPC that had been handled by the server.")
                   .Register(registry)
                   .Add(LabelsOf(method), kSeconds)),
      refusals_(refusals) {
  auto& family = BuildCounter()
                     .Name("grpc_server_handled_total")
                     .Help("Total number of RPCs completed on the server, whatever the outcome.")
                     .Register(registry);
  for (size_t code = 0; code < kCodes; ++code) {
    auto labels = LabelsOf(method);
    labels.emplace("grpc_code", kCodeLabels[code]);
    handled_[code] = &family.Add(labels);
  }
}

void RpcMetrics::Started() {
  started_.Increment();
  received_.Increment();
}

void RpcMetrics::Sent() { sent_.Increment(); }

void RpcMetrics::Handled(int grpc_code, double seconds) {
  constexpr size_t kUnknown = 2;
  const auto code = static_cast<size_t>(grpc_code);
  handled_[code < kCodes ? code : kUnknown]->Increment();
  if (grpc_code == 0 && unary_) sent_.Increment();
  seconds_.Observe(seconds);
}

void RpcMetrics::Refused(std::string_view reason) {
  const auto found = refusals_.find(reason);
  const auto counted = found != refusals_.end()
                           ? found
                           : refusals_.find(model::ReasonName(model::Reason::kInternal));
  counted->second->Increment();
}

PoolMetrics::PoolMetrics(Registry& registry)
    : statements_(BuildHistogram()
                      .Name("usher_statement_seconds")
                      .Help("Time from sending a statement to its answer, by statement.")
                      .Register(registry)),
      errors_(BuildCounter()
                  .Name("usher_statement_errors_total")
                  .Help("Statements that PostgreSQL refused, by SQLSTATE class.")
                  .Register(registry)),
      retries_(BuildCounter()
                   .Name("usher_transaction_retries_total")
                   .Help("Transactions that were run again, by cause.")
                   .Register(registry)),
      wait_(BuildHistogram()
                .Name("usher_pool_wait_seconds")
                .Help("Time that transactions waited for a connection.")
                .Register(registry)
                .Add({}, kSeconds)),
      connected_(BuildCounter()
                     .Name("usher_pool_connects_total")
                     .Help("Connections to PostgreSQL that were made.")
                     .Register(registry)
                     .Add({})),
      disconnected_(BuildCounter()
                        .Name("usher_pool_disconnects_total")
                        .Help("Connections to PostgreSQL that were lost or could not be made.")
                        .Register(registry)
                        .Add({})),
      connections_(BuildGauge()
                       .Name("usher_pool_connections")
                       .Help("Connections to PostgreSQL, by lane.")
                       .Register(registry)),
      in_flight_(BuildGauge()
                     .Name("usher_pool_in_flight")
                     .Help("Transactions sent and not answered, by lane.")
                     .Register(registry)),
      waiting_(BuildGauge()
                   .Name("usher_pool_waiting")
                   .Help("Transactions that wait for a connection, by lane.")
                   .Register(registry)) {
  for (const char* kind : kErrorClasses) errors_.Add({{"class", kind}});
  for (const char* why : kRetryReasons) retries_.Add({{"cause", why}});
}

void PoolMetrics::Statement(const char* name, double seconds) {
  Histogram* histogram = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Histogram*& slot = by_statement_[name];
    if (slot == nullptr) slot = &statements_.Add({{"statement", name}}, kSeconds);
    histogram = slot;
  }
  histogram->Observe(seconds);
}

void PoolMetrics::Failed(std::string_view sqlstate) {
  errors_.Add({{"class", OneOf(kErrorClasses, sqlstate.substr(0, 2))}}).Increment();
}

void PoolMetrics::Retried(std::string_view why) {
  retries_.Add({{"cause", OneOf(kRetryReasons, why)}}).Increment();
}

void PoolMetrics::Waited(double seconds) { wait_.Observe(seconds); }
void PoolMetrics::Connected() { connected_.Increment(); }
void PoolMetrics::Disconnected() { disconnected_.Increment(); }

void PoolMetrics::SetLoad(int lane, size_t connections, size_t in_flight, size_t waiting) {
  const std::lock_guard lock(mutex_);
  auto found = by_lane_.find(lane);
  if (found == by_lane_.end()) {
    const prometheus::Labels labels{{"lane", std::to_string(lane)}};
    found = by_lane_
                .emplace(lane, LaneGauges{connections_.Add(labels), in_flight_.Add(labels),
                                          waiting_.Add(labels)})
                .first;
  }
  found->second.connections.Set(static_cast<double>(connections));
  found->second.in_flight.Set(static_cast<double>(in_flight));
  found->second.waiting.Set(static_cast<double>(waiting));
}

EventMetrics::EventMetrics(Registry& registry)
    : streams_(BuildGauge()
                   .Name("usher_event_streams")
                   .Help("Streams of events that run.")
                   .Register(registry)
                   .Add({})),
      followed_(BuildCounter()
                    .Name("usher_events_followed_total")
                    .Help("Events that were read for streams.")
                    .Register(registry)
                    .Add({})),
      lag_(BuildHistogram()
               .Name("usher_event_lag_seconds")
               .Help("Age of the oldest event when events were read for streams.")
               .Register(registry)
               .Add({}, kSeconds)),
      announced_(BuildCounter()
                     .Name("usher_announcements_total")
                     .Help("Events of what time alone brought about, by type.")
                     .Register(registry)),
      purged_(BuildCounter()
                  .Name("usher_purged_rows_total")
                  .Help("Rows that were erased since they were old enough, by table.")
                  .Register(registry)),
      failures_(BuildCounter()
                    .Name("usher_announcer_failures_total")
                    .Help("Rounds of announcing or purging that failed.")
                    .Register(registry)
                    .Add({})) {
  for (const char* type : kAnnounced) announced_.Add({{"type", type}});
  for (const char* table : kPurged) purged_.Add({{"table", table}});
}

void EventMetrics::StreamsChanged(int change) { streams_.Increment(change); }

void EventMetrics::Followed(size_t events, double oldest_seconds) {
  if (events == 0) return;
  followed_.Increment(static_cast<double>(events));
  lag_.Observe(oldest_seconds);
}

void EventMetrics::Announced(std::string_view type, double events) {
  announced_.Add({{"type", OneOf(kAnnounced, type)}}).Increment(events);
}

void EventMetrics::Purged(std::string_view table, double rows) {
  purged_.Add({{"table", OneOf(kPurged, table)}}).Increment(rows);
}

void EventMetrics::AnnouncerFailed() { failures_.Increment(); }

Metrics::Metrics(const std::vector<MethodName>& methods, const std::string& version)
    : registry_(std::make_shared<Registry>(Registry::InsertBehavior::Merge)),
      process_(std::make_shared<ProcessMetrics>()),
      refusals_(MakeRefusals(*registry_)),
      pool_(*registry_),
      auth_(*registry_),
      connections_(*registry_),
      events_(*registry_),
      access_copy_(*registry_),
      mail_attempts_(BuildCounter()
                         .Name("usher_mail_attempts_total")
                         .Help("Attempts to send a mail, by outcome.")
                         .Register(*registry_)),
      mail_depth_(BuildGauge()
                      .Name("usher_mail_queue_depth")
                      .Help("Mails that wait to be sent.")
                      .Register(*registry_)
                      .Add({})),
      mail_oldest_(BuildGauge()
                       .Name("usher_mail_oldest_age_seconds")
                       .Help("For how long the oldest waiting mail has been due.")
                       .Register(*registry_)
                       .Add({})) {
  for (const MethodName& method : methods) {
    rpcs_.emplace(absl::StrCat(method.service, ".", method.name),
                  std::make_unique<RpcMetrics>(method, *registry_, refusals_));
  }
  for (const char* outcome : kMailOutcomes) mail_attempts_.Add({{"outcome", outcome}});
  BuildGauge()
      .Name("usher_build_info")
      .Help("1, with the version that runs.")
      .Register(*registry_)
      .Add({{"version", version}})
      .Set(1);
}

Metrics::~Metrics() = default;

RpcMetrics& Metrics::rpc(const std::string& service, const std::string& name) {
  const auto found = rpcs_.find(absl::StrCat(service, ".", name));
  if (found != rpcs_.end()) return *found->second;
  std::fprintf(stderr, "no metrics for %s.%s\n", service.c_str(), name.c_str());
  std::abort();
}

void Metrics::MailAttempt(std::string_view outcome) {
  mail_attempts_.Add({{"outcome", OneOf(kMailOutcomes, outcome)}}).Increment();
}

void Metrics::MailQueue(double depth, double oldest_seconds) {
  mail_depth_.Set(depth);
  mail_oldest_.Set(std::max(oldest_seconds, 0.0));
}

absl::Status Metrics::Serve(const std::string& address) {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address, /*num_threads=*/1);
  } catch (const std::exception&) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, " for metrics"));
  }
  exposer_->RegisterCollectable(registry_);
  exposer_->RegisterCollectable(process_);
  return absl::OkStatus();
}

int Metrics::port() const {
  const auto ports = exposer_ ? exposer_->GetListeningPorts() : std::vector<int>();
  return ports.empty() ? 0 : ports.front();
}

std::string Metrics::Text() const {
  auto families = registry_->Collect();
  for (auto& family : process_->Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace usher::server
