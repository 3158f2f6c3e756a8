#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "async/helpers.h"
#include "async/lane.h"
#include "async/watcher.h"
#include "events/announcer.h"
#include "events/follower.h"
#include "mail/worker.h"
#include "model/token.h"
#include "pg/pool.h"
#include "server/authenticator.h"
#include "server/callers.h"
#include "server/health.h"
#include "server/health_port.h"
#include "server/lane_services.h"
#include "server/listener.h"
#include "server/metrics.h"
#include "server/observers.h"
#include "server/options.h"
#include "server/schema_gate.h"
#include "server/tls.h"

namespace usher::server {

// Everything that runs, in the order in which it starts; it stops in the reverse one.
class Process {
 public:
  Process(const Options& options, model::TokenKeys keys);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Starts listening and answering; without a database too. The error says what cannot be had.
  absl::Status Start();

  // Says NOT_SERVING, keeps the listeners open for the drain delay, lets running calls end until
  // the drain time-out, then gives up the rest, stops the workers and closes what is open.
  void Drain();

  // Where it listens, with the port that was chosen.
  const std::string& address() const { return address_; }

 private:
  // A lane with what lives on it. The server's queue belongs to the lane.
  struct ServingLane {
    ServingLane(Process& process, int index, std::unique_ptr<grpc::ServerCompletionQueue> queue);

    grpc::ServerCompletionQueue& queue;
    async::Lane lane;
    PoolObserver observer;
    pg::Pool pool;
    async::Timer abort;
    std::unique_ptr<Authenticator> authenticator;
    std::unique_ptr<LaneServices> services;
  };

  absl::Status PrepareMail();
  absl::StatusOr<mail::Sender> MailSender() const;
  mail::WorkerOptions MailOptions() const;
  absl::Status ReadCallers();
  absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials();
  absl::Status OpenPorts();
  absl::Status StartServer();
  void StartListening();
  std::unique_ptr<Authenticator> MakeAuthenticator(ServingLane& on);
  void MakeLanes(std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues);
  void Stop(std::chrono::milliseconds timeout);
  absl::Status WriteAddressFile() const;
  void MakeEventWorkers();
  void EndStreams();
  int OpenCalls() const;
  void AbortLanesAt(std::chrono::steady_clock::time_point at);

  const Options options_;
  const model::TokenKeys keys_;
  Metrics metrics_;
  SchemaGate schema_gate_;
  std::unique_ptr<Callers> callers_;  // none with --auth=insecure
  std::unique_ptr<ServerTls> tls_;
  async::Watcher watcher_;
  async::Helpers connectors_;
  async::Helpers senders_;
  MailObserver mail_observer_;
  std::unique_ptr<mail::Composer> composer_;
  FollowerObserver follower_observer_;
  AnnouncerObserver announcer_observer_;
  Services services_;
  std::unique_ptr<HealthPort> health_port_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<Health> health_;
  std::vector<std::unique_ptr<ServingLane>> lanes_;
  std::unique_ptr<Listener> listener_;
  // On the first lane.
  std::unique_ptr<mail::Worker> mail_worker_;
  std::unique_ptr<events::Follower> follower_;
  std::unique_ptr<events::Announcer> announcer_;
  std::string address_;
  bool stopped_ = false;
};

}  // namespace usher::server
