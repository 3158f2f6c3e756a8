#pragma once

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/access_copy_metrics.h"
#include "server/auth_metrics.h"
#include "server/connection_metrics.h"

namespace usher::server {

// A method for which metrics are kept; type is "unary" or "server_stream".
struct MethodName {
  std::string service;
  std::string name;
  std::string type;
};

// Counters of refusals by reason, for all methods.
using RefusalCounters = std::map<std::string_view, prometheus::Counter*>;

// The metrics of one method, under the names of go-grpc-prometheus, so that its dashboards work.
// Thread-safe; nothing is looked up while calls are counted.
class RpcMetrics {
 public:
  RpcMetrics(const MethodName& method, prometheus::Registry& registry,
             const RefusalCounters& refusals);

  void Started();
  // A message of a stream; a unary call's is counted when it is handled.
  void Sent();
  // A number that is no code counts as Unknown.
  void Handled(int grpc_code, double seconds);
  // A name that is no reason counts as INTERNAL.
  void Refused(std::string_view reason);

 private:
  static constexpr size_t kCodes = 17;

  const bool unary_;
  prometheus::Counter& started_;
  prometheus::Counter& received_;
  prometheus::Counter& sent_;
  prometheus::Histogram& seconds_;
  std::array<prometheus::Counter*, kCodes> handled_;
  const RefusalCounters& refusals_;
};

// The metrics of the PostgreSQL pools of all lanes. Thread-safe.
class PoolMetrics {
 public:
  explicit PoolMetrics(prometheus::Registry& registry);

  void Statement(const char* name, double seconds);
  void Failed(std::string_view sqlstate);
  void Retried(std::string_view why);
  void Waited(double seconds);
  void Connected();
  void Disconnected();
  void SetLoad(int lane, size_t connections, size_t in_flight, size_t waiting);

 private:
  struct LaneGauges {
    prometheus::Gauge& connections;
    prometheus::Gauge& in_flight;
    prometheus::Gauge& waiting;
  };

  prometheus::Family<prometheus::Histogram>& statements_;
  prometheus::Family<prometheus::Counter>& errors_;
  prometheus::Family<prometheus::Counter>& retries_;
  prometheus::Histogram& wait_;
  prometheus::Counter& connected_;
  prometheus::Counter& disconnected_;
  prometheus::Family<prometheus::Gauge>& connections_;
  prometheus::Family<prometheus::Gauge>& in_flight_;
  prometheus::Family<prometheus::Gauge>& waiting_;
  std::mutex mutex_;
  // Statements are constants of the program, so their addresses name them. Guarded by mutex_.
  std::map<const char*, prometheus::Histogram*> by_statement_;
  std::map<int, LaneGauges> by_lane_;
};

// The metrics of the log of events. Thread-safe.
class EventMetrics {
 public:
  explicit EventMetrics(prometheus::Registry& registry);

  void StreamsChanged(int change);
  void Followed(size_t events, double oldest_seconds);
  // A type that is never announced, and a table that is never purged, count as "other".
  void Announced(std::string_view type, double events);
  void Purged(std::string_view table, double rows);
  void AnnouncerFailed();

 private:
  prometheus::Gauge& streams_;
  prometheus::Counter& followed_;
  prometheus::Histogram& lag_;
  prometheus::Family<prometheus::Counter>& announced_;
  prometheus::Family<prometheus::Counter>& purged_;
  prometheus::Counter& failures_;
};

// All metrics of the process and the port they are read from.
//
// Labels come from fixed sets only (methods, codes, reasons, outcomes, statements, lanes): never
// an organization, a user, an address or an error's text.
class Metrics {
 public:
  Metrics(const std::vector<MethodName>& methods, const std::string& version);
  ~Metrics();

  // The metrics of a method that was given at the start; aborts for any other.
  RpcMetrics& rpc(const std::string& service, const std::string& name);
  PoolMetrics& pool() { return pool_; }
  AuthMetrics& auth() { return auth_; }
  ConnectionMetrics& connections() { return connections_; }
  EventMetrics& events() { return events_; }
  AccessCopyMetrics& access_copy() { return access_copy_; }

  // sent, temporary, permanent, ambiguous or withdrawn; else "other".
  void MailAttempt(std::string_view outcome);
  void MailQueue(double depth, double oldest_seconds);

  // Answers GET /metrics on `address` (host:port). UNAVAILABLE if it cannot be had.
  absl::Status Serve(const std::string& address);
  // The port that is served, also when 0 was asked for; 0 before Serve.
  int port() const;
  // What a scrape would get.
  std::string Text() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<prometheus::Collectable> process_;
  RefusalCounters refusals_;
  std::map<std::string, std::unique_ptr<RpcMetrics>> rpcs_;
  PoolMetrics pool_;
  AuthMetrics auth_;
  ConnectionMetrics connections_;
  EventMetrics events_;
  AccessCopyMetrics access_copy_;
  prometheus::Family<prometheus::Counter>& mail_attempts_;
  prometheus::Gauge& mail_depth_;
  prometheus::Gauge& mail_oldest_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace usher::server
