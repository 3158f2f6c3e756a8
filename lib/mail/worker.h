#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/helpers.h"
#include "async/lane.h"
#include "async/task.h"
#include "async/wakeup.h"
#include "mail/invitation_mail.h"
#include "mail/message.h"
#include "mail/smtp.h"
#include "model/ids.h"
#include "model/token.h"
#include "pg/pool.h"

namespace usher::mail {

struct WorkerOptions {
  SmtpOptions smtp;
  Mailbox from;
  std::optional<Mailbox> reply_to;
  std::string accept_uri_template;
  int parallel = 4;
  std::chrono::milliseconds poll{1000};
};

// Told what happened, on the worker's lane.
class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;
  virtual void Attempted(const SmtpResult&) {}
  virtual void Withdrawn() {}
  // Mails that wait, and for how long the oldest has been due.
  virtual void Queue(int64_t /*depth*/, absl::Duration /*oldest*/) {}
};

// Sends what waits in usher.mails, on one lane of any number of replicas.
//
// A mail is claimed with owner and lease in one statement, so no two workers send the same row;
// the lease outlives the longest SMTP exchange, and a worker that dies loses it. The token is
// derived here and never stored. A mail whose invitation is no longer pending, or was renewed
// since, is withdrawn. Temporary failures are tried again after 1, 5, 15, 30 minutes, then hourly,
// up to 72 hours; an unknown outcome after 10 minutes with the same Message-ID; a permanent one
// fails the delivery and leaves the invitation pending.
class Worker {
 public:
  Worker(async::Lane& lane, pg::Pool& db, async::Helpers& helpers, const model::TokenKeys& keys,
         InvitationTemplates templates, WorkerOptions options, WorkerObserver& observer);

  void Start();
  // Mail was queued just now; from the lane.
  void Notify() { wakeup_.Notify(); }
  // Claims nothing more and waits for what is being sent.
  async::Task<absl::Status> Stop();

 private:
  // A claimed row with what its mail says.
  struct Due {
    model::OrganizationId organization;
    model::MailId id;
    int32_t attempts = 0;
    bool wanted = false;
    model::TokenClaims claims;
    absl::Time create_time;
    std::string recipient;  // The address as typed.
    InvitationMail mail;
  };

  async::Detached Run();
  async::Task<absl::StatusOr<std::vector<Due>>> Claim(int most);
  async::Detached Deliver(Due due);
  SmtpResult Send(SmtpClient& client, Due& due) const;
  async::Task<absl::Status> Settle(const Due& due, const SmtpResult& result);
  async::Task<absl::Status> Withdraw(const Due& due);
  async::Task<absl::Status> ReportQueue();
  async::Instant Soon() const;

  async::Lane& lane_;
  pg::Pool& db_;
  async::Helpers& helpers_;
  const model::TokenKeys& keys_;
  InvitationTemplates templates_;
  WorkerOptions options_;
  WorkerObserver& observer_;
  model::Uuid owner_;
  std::vector<std::unique_ptr<SmtpClient>> idle_clients_;
  int sending_ = 0;
  bool running_ = false;
  bool stopping_ = false;
  async::Wakeup wakeup_;
  async::Wakeup stopped_;
};

}  // namespace usher::mail
