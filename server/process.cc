#include "server/process.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "async/sync_wait.h"
#include "mail/link.h"
#include "server/auth_config.h"
#include "server/builder.h"
#include "server/insecure_authenticator.h"
#include "server/leftovers.h"
#include "server/log.h"
#include "server/token_authenticator.h"

namespace usher::server {
namespace {

using std::chrono::milliseconds;

constexpr int kOtherDescriptors = 64;  // beside connections of clients and to PostgreSQL
constexpr int kConnectors = 2;

milliseconds ToMilliseconds(absl::Duration duration) {
  return milliseconds(absl::ToInt64Milliseconds(duration));
}

bool SendsMail(const Options& options) { return !options.smtp_url.empty(); }

invitations::MailMode MailModeOf(const Options& options) {
  const bool queued = SendsMail(options) || options.mail_external;
  return queued ? invitations::MailMode::kEnabled : invitations::MailMode::kDisabled;
}

pg::PoolOptions ToPoolOptions(const Options& options, SchemaGate& gate) {
  pg::PoolOptions pool;
  pool.conninfo = options.database;
  pool.connections = options.database_connections;
  pool.widest = static_cast<size_t>(options.database_sharing);
  pool.connection.prepare = options.database_prepare;
  pool.connection.statement_timeout = ToMilliseconds(options.database_timeout);
  pool.before_connect = [&gate] { return gate.Check(); };
  return pool;
}

}  // namespace

Process::ServingLane::ServingLane(Process& process, int index,
                                  std::unique_ptr<grpc::ServerCompletionQueue> server_queue)
    : queue(*server_queue),
      lane(std::move(server_queue)),
      observer(index, process.metrics_.pool(), *process.health_),
      pool(lane, process.watcher_, process.connectors_,
           ToPoolOptions(process.options_, process.schema_gate_), observer),
      abort(lane.timers()) {}

Process::Process(const Options& options, model::TokenKeys keys)
    : options_(options),
      keys_(std::move(keys)),
      metrics_(AllMethods(), USHER_VERSION),
      schema_gate_(options.database, options.migrate),
      connectors_(kConnectors),
      senders_(SendsMail(options) ? options.mail_parallel : 0),
      mail_observer_(metrics_),
      follower_observer_(metrics_.events()),
      announcer_observer_(metrics_.events()) {}

Process::~Process() {
  if (server_ != nullptr) Stop(milliseconds(0));
}

absl::Status Process::Start() {
  // What can be wrong without anybody calling comes first.
  if (auto status = PrepareMail(); !status.ok()) return status;
  if (auto status = ReadCallers(); !status.ok()) return status;
  if (!options_.metrics_listen.empty()) {
    if (auto status = metrics_.Serve(options_.metrics_listen); !status.ok()) return status;
  }
  if (auto status = OpenPorts(); !status.ok()) return status;
  if (auto status = StartServer(); !status.ok()) return status;
  if (SendsMail(options_)) {
    ServingLane& on = *lanes_[0];
    mail_worker_ = std::make_unique<mail::Worker>(on.lane, on.pool, senders_, *composer_,
                                                  MailOptions(), mail_observer_);
    on.lane.Post([this] { mail_worker_->Start(); });
  }
  lanes_[0]->lane.Post([this] {
    follower_->Start();
    if (options_.access_copy > 0) follower_->Want(1);
    announcer_->Start();
  });
  for (auto& on : lanes_) on->lane.Start();
  StartListening();

  if (callers_ == nullptr) {
    Log(Level::kWarning, "callers are not authenticated: --auth=insecure is for development");
  } else if (tls_ == nullptr) {
    Log(Level::kWarning, "tokens travel unencrypted: no --tls_certificate");
  }
  Log(Level::kInfo, "listening",
      {{"address", address_},
       {"health_port", health_port_ == nullptr ? 0 : health_port_->port()},
       {"metrics_port", metrics_.port()},
       {"version", USHER_VERSION}});
  return WriteAddressFile();
}

absl::Status Process::ReadCallers() {
  if (options_.auth_config.empty()) return absl::OkStatus();
  auto config = LoadAuthConfig(options_.auth_config);
  if (!config.ok()) return config.status();
  callers_ = std::make_unique<Callers>(*config, metrics_.auth());
  return absl::OkStatus();
}

std::unique_ptr<Authenticator> Process::MakeAuthenticator(ServingLane& on) {
  if (callers_ == nullptr) return std::make_unique<InsecureAuthenticator>();
  return std::make_unique<TokenAuthenticator>(on.lane, on.pool, *callers_);
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Process::MakeCredentials() {
  if (options_.tls_certificate.empty()) return grpc::InsecureServerCredentials();
  auto tls = ServerTls::Make({options_.tls_certificate, options_.tls_key, options_.tls_client_ca},
                             metrics_.auth());
  if (!tls.ok()) return tls.status();
  tls_ = *std::move(tls);
  return tls_->Credentials(options_.tls_require_client_certificate
                               ? ServerTls::Clients::kMustHaveCertificate
                               : ServerTls::Clients::kMayHaveCertificate);
}

absl::Status Process::OpenPorts() {
  auto listener = Listener::Open(options_.listen);
  if (!listener.ok()) return listener.status();
  listener_ = *std::move(listener);
  address_ =
      absl::StrCat(options_.listen.substr(0, options_.listen.rfind(':')), ":", listener_->port());
  if (options_.health_listen.empty()) return absl::OkStatus();
  auto health_port = HealthPort::Open(options_.health_listen);
  if (!health_port.ok()) return health_port.status();
  health_port_ = *std::move(health_port);
  return absl::OkStatus();
}

void Process::StartListening() {
  const int others = kOtherDescriptors + options_.lanes * options_.database_connections;
  const int allowed = RaiseDescriptorLimit(options_.limits.connections + 2 * others);
  const auto accepted = [this](int fd) {
    metrics_.connections().Accepted();
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = listener_->fd();
    connection.fd = fd;
    acceptor_->HandleNewConnection(&connection);
  };
  const auto refused = [this] { metrics_.connections().Refused(); };
  listener_->Start(std::max(allowed - others, 1), {accepted, refused});
}

absl::Status Process::StartServer() {
  const auto credentials = MakeCredentials();
  if (!credentials.ok()) return credentials.status();
  grpc::EnableDefaultHealthCheckService(true);
  // v1alpha, which is what this gRPC has and what clients fall back to.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(builder, options_.limits);
  if (!options_.reflection) LeaveOutReflection(builder);
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, *credentials);
  services_.Register(builder);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  for (int i = 0; i < options_.lanes; ++i) queues.push_back(builder.AddCompletionQueue());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    for (auto& queue : queues) queue->Shutdown();
    return absl::InternalError("gRPC cannot make a server");
  }
  std::vector<grpc::HealthCheckServiceInterface*> tellers = {server_->GetHealthCheckService()};
  if (health_port_ != nullptr) tellers.push_back(&health_port_->service());
  health_ = std::make_unique<Health>(std::move(tellers), options_.lanes);
  MakeLanes(std::move(queues));
  return absl::OkStatus();
}

void Process::MakeLanes(std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues) {
  for (auto& queue : queues) {
    const int index = static_cast<int>(lanes_.size());
    lanes_.push_back(std::make_unique<ServingLane>(*this, index, std::move(queue)));
  }
  MakeEventWorkers();
  for (auto& on : lanes_) {
    on->authenticator = MakeAuthenticator(*on);
    on->services = std::make_unique<LaneServices>(LaneServices::Setup{
        .lane = on->lane,
        .queue = on->queue,
        .db = on->pool,
        .authenticator = *on->authenticator,
        .allow_self_service = callers_ != nullptr && callers_->allow_self_service(),
        .metrics = metrics_,
        .keys = keys_,
        .mail_mode = MailModeOf(options_),
        .accept_uri =
            [this](std::string_view token) {
              return mail::AcceptUri(options_.accept_uri_template, token);
            },
        .mail_queued =
            [this] {
              if (mail_worker_ == nullptr) return;
              lanes_[0]->lane.Post([this] { mail_worker_->Notify(); });
            },
        .composer = *composer_,
        .door = {.most_calls = options_.max_calls,
                 .most_streams = options_.max_streams,
                 .longest_deadline = ToMilliseconds(options_.max_deadline),
                 .changed = [this] { follower_->Hint(); }},
        .access_copy = options_.access_copy,
        .streams_changed =
            [this](int change) {
              metrics_.events().StreamsChanged(change);
              follower_->Want(change);
            },
    });
    on->services->Serve(services_);
  }
  for (auto& on : lanes_) {
    follower_->AddReader(
        on->lane, [services = on->services.get()](const auto& slice) { services->Follow(slice); });
  }
}

// What follows the log for the streams of all lanes, and what announces and purges.
void Process::MakeEventWorkers() {
  ServingLane& on = *lanes_[0];
  follower_ = std::make_unique<events::Follower>(on.lane, on.pool, events::FollowerOptions(),
                                                 follower_observer_);
  events::AnnouncerOptions announcer;
  announcer.retention = options_.event_retention;
  announcer.reminds = MailModeOf(options_) == invitations::MailMode::kEnabled;
  announcer_ =
      std::make_unique<events::Announcer>(on.lane, on.pool, announcer, announcer_observer_);
}

absl::Status Process::PrepareMail() {
  const mail::TemplateOptions template_options{options_.template_dir, options_.mail_locale};
  auto templates = mail::InvitationTemplates::Load(template_options);
  if (!templates.ok()) return templates.status();
  auto sender = MailSender();
  if (!sender.ok()) return sender.status();
  composer_ = std::make_unique<mail::Composer>(keys_, *std::move(templates), *std::move(sender));
  return SendsMail(options_) ? mail::CheckSmtpOptions(MailOptions().smtp) : absl::OkStatus();
}

absl::StatusOr<mail::Sender> Process::MailSender() const {
  mail::Sender sender;
  auto from = mail::ParseMailbox(options_.mail_from);
  if (!from.ok()) return from.status();
  sender.from = *std::move(from);
  if (!options_.mail_reply_to.empty()) {
    auto reply_to = mail::ParseMailbox(options_.mail_reply_to);
    if (!reply_to.ok()) return reply_to.status();
    sender.reply_to = *std::move(reply_to);
  }
  sender.accept_uri_template = options_.accept_uri_template;
  return sender;
}

mail::WorkerOptions Process::MailOptions() const {
  mail::WorkerOptions worker;
  worker.smtp.url = options_.smtp_url;
  worker.smtp.user = options_.smtp_user;
  worker.smtp.password = options_.smtp_password;
  worker.smtp.ca_file = options_.smtp_ca_file;
  worker.smtp.tls = options_.smtp_tls;
  // An exchange that has begun is waited for when the server stops.
  worker.smtp.connect_timeout = absl::Seconds(5);
  worker.smtp.total_timeout = absl::Seconds(15);
  worker.parallel = options_.mail_parallel;
  return worker;
}

// Renamed into place, so that whoever waits for the file finds it whole.
absl::Status Process::WriteAddressFile() const {
  const std::string& path = options_.listen_address_file;
  if (path.empty()) return absl::OkStatus();
  const std::string draft = absl::StrCat(path, ".new");
  std::ofstream(draft) << address_ << "\n";
  if (std::rename(draft.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path));
}

// Calls that still wait for the database when the drain ends must not keep the server.
void Process::AbortLanesAt(std::chrono::steady_clock::time_point at) {
  for (auto& on : lanes_) {
    on->lane.Post([this, &on, at] {
      on->abort.Arm(at, [this, &on] {
        on->pool.Abort();
        if (callers_ != nullptr) callers_->Abort();
      });
    });
  }
}

int Process::OpenCalls() const {
  int open = 0;
  for (const auto& on : lanes_) open += on->services->open_calls();
  return open;
}

void Process::EndStreams() {
  for (auto& on : lanes_) {
    on->lane.Post([&on] { on->services->EndStreams(); });
  }
}

void Process::Drain() {
  Log(Level::kInfo, "draining");
  health_->StartDraining();
  std::this_thread::sleep_for(ToMilliseconds(options_.drain_delay));
  Stop(ToMilliseconds(options_.drain_timeout));
  Log(Level::kInfo, "stopped");
}

void Process::Stop(milliseconds timeout) {
  if (std::exchange(stopped_, true)) return;
  listener_->Stop();
  EndStreams();
  AbortLanesAt(std::chrono::steady_clock::now() + timeout);
  {
    const Leftovers leftovers(*server_, [this] { return OpenCalls(); });
    server_->Shutdown(std::chrono::system_clock::now() + timeout);
  }
  if (mail_worker_ != nullptr) {
    (void)async::SyncWait(lanes_[0]->lane, mail_worker_->Stop());
  }
  if (follower_ != nullptr) {
    (void)async::SyncWait(lanes_[0]->lane, follower_->Stop());
    (void)async::SyncWait(lanes_[0]->lane, announcer_->Stop());
  }
  if (callers_ != nullptr) callers_->Stop();
  for (auto& on : lanes_) (void)async::SyncWait(on->lane, on->pool.Close());
  for (auto& on : lanes_) on->lane.Stop();
}

}  // namespace usher::server
