#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "async/helpers.h"
#include "async/lane.h"
#include "async/task.h"
#include "async/wakeup.h"
#include "mail/compose.h"
#include "mail/outbox.h"
#include "mail/relay_pause.h"
#include "mail/smtp.h"
#include "model/ids.h"
#include "pg/pool.h"

namespace usher::mail {

struct WorkerOptions {
  SmtpOptions smtp;
  int parallel = 4;
  std::chrono::milliseconds poll{1000};
  RelayPause::Options pause;
};

// Told what happened, on the worker's lane.
class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;
  virtual void Attempted(const LeasedMail&, const SmtpResult&) {}
  virtual void Withdrawn(const LeasedMail&) {}
  // Mails that wait, and for how long the oldest has been due.
  virtual void Queue(int64_t /*depth*/, absl::Duration /*oldest*/) {}
};

// Sends what waits in the outbox by SMTP, on one lane of any number of replicas.
//
// It claims only what it can send at once; the lease outlives the longest SMTP exchange, and a
// worker that dies loses it. It asks for due mail when it is told of some, when it has room again
// and every second, so that nothing depends on being told. A mail server that turns sessions away
// is left alone for a while (RelayPause). A mail that is not wanted any more is withdrawn.
class Worker {
 public:
  Worker(async::Lane& lane, pg::Pool& db, async::Helpers& helpers, const Composer& composer,
         WorkerOptions options, WorkerObserver& observer);

  void Start();
  // Mail was queued just now; from the lane.
  void Notify() { wakeup_.Notify(); }
  // Claims nothing more, hands back what it has not begun to send, waits for what it has.
  async::Task<absl::Status> Stop();

 private:
  async::Detached Run();
  async::Task<int> Claim(int most);
  async::Detached Deliver(LeasedMail mail);
  SmtpResult Send(SmtpClient& client, const LeasedMail& mail) const;
  async::Task<absl::Status> Settle(const LeasedMail& mail, const SmtpResult& result);
  async::Task<absl::Status> ReportQueue();
  int Room() const;
  async::Instant Soon() const;

  async::Lane& lane_;
  Outbox outbox_;
  async::Helpers& helpers_;
  const Composer& composer_;
  const WorkerOptions options_;
  WorkerObserver& observer_;
  const model::Uuid owner_;
  model::OrganizationId last_turn_;
  RelayPause pause_;
  std::vector<std::unique_ptr<SmtpClient>> idle_clients_;
  int sending_ = 0;
  bool running_ = false;
  bool stopping_ = false;
  async::Wakeup wakeup_;
  async::Wakeup stopped_;
};

}  // namespace usher::mail
