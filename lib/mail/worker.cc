#include "mail/worker.h"

#include <algorithm>
#include <utility>

#include "async/try.h"

namespace usher::mail {
namespace {

using Outcome = SmtpResult::Outcome;

// Longer than the longest SMTP exchange.
constexpr absl::Duration kLease = absl::Minutes(2);
constexpr std::chrono::seconds kStatementTime{10};
constexpr std::chrono::seconds kReportEvery{10};
// A server that greylists (RFC 6647) refuses again what comes back sooner.
constexpr absl::Duration kGreylistDelay = absl::Minutes(5);

bool IsGreylisted(const SmtpResult& result) {
  return result.outcome == Outcome::kTemporary && (result.code == 450 || result.code == 451) &&
         result.enhanced.rfind("4.7.", 0) == 0;
}

SmtpResult Refused(const char* why) {
  SmtpResult result;
  result.outcome = Outcome::kPermanent;
  result.detail = why;
  return result;
}

}  // namespace

Worker::Worker(async::Lane& lane, pg::Pool& db, async::Helpers& helpers, const Composer& composer,
               WorkerOptions options, WorkerObserver& observer)
    : lane_(lane),
      outbox_(db),
      helpers_(helpers),
      composer_(composer),
      options_(std::move(options)),
      observer_(observer),
      owner_(model::UuidV7Source().Next()),
      pause_(options_.pause),
      wakeup_(lane),
      stopped_(lane) {
  for (int i = 0; i < options_.parallel; ++i) {
    idle_clients_.push_back(std::make_unique<SmtpClient>(options_.smtp));
  }
}

async::Instant Worker::Soon() const { return lane_.now() + kStatementTime; }

int Worker::Room() const {
  return pause_.Allowed(options_.parallel - sending_, sending_, lane_.now());
}

void Worker::Start() {
  running_ = true;
  Run();
}

async::Task<absl::Status> Worker::Stop() {
  stopping_ = true;
  wakeup_.Notify();
  while (running_ || sending_ > 0) co_await stopped_.Until(async::kNever);
  co_return absl::OkStatus();
}

async::Detached Worker::Run() {
  async::Instant next_report = lane_.now();
  while (!stopping_) {
    const int room = Room();
    int claimed = 0;
    if (room > 0) claimed = co_await Claim(room);
    if (lane_.now() >= next_report) {
      (void)co_await ReportQueue();
      next_report = lane_.now() + kReportEvery;
    }
    // A full claim says that more may be waiting; otherwise wait for a hint or for time to pass.
    if (claimed == 0 || claimed < room) co_await wakeup_.Until(lane_.now() + options_.poll);
  }
  running_ = false;
  stopped_.Notify();
}

// How many are being sent now.
async::Task<int> Worker::Claim(int most) {
  ClaimRequest request;
  request.owner = owner_;
  request.lease = kLease;
  request.most = most;
  request.after = last_turn_;
  auto claimed = co_await outbox_.Claim(Soon(), std::move(request));
  if (!claimed.ok() || claimed->empty()) co_return 0;
  if (stopping_) {
    (void)co_await outbox_.HandBack(Soon(), *claimed, owner_);
    co_return 0;
  }
  const auto last = std::max_element(
      claimed->begin(), claimed->end(),
      [](const LeasedMail& one, const LeasedMail& other) { return one.turn < other.turn; });
  last_turn_ = last->organization;
  for (LeasedMail& mail : *claimed) Deliver(std::move(mail));
  co_return static_cast<int>(claimed->size());
}

async::Detached Worker::Deliver(LeasedMail mail) {
  ++sending_;
  if (!mail.wanted) {
    observer_.Withdrawn(mail);
    (void)co_await outbox_.Withdraw(Soon(), mail, owner_);
  } else {
    std::unique_ptr<SmtpClient> client = std::move(idle_clients_.back());
    idle_clients_.pop_back();
    auto send = [this, &client, &mail] { return Send(*client, mail); };
    const SmtpResult result = co_await helpers_.Run(lane_, send);
    idle_clients_.push_back(std::move(client));
    observer_.Attempted(mail, result);
    result.relay_away ? pause_.TurnedAway(lane_.now()) : pause_.Answered();
    // When it cannot be settled the lease runs out, and the mail goes again with its Message-ID.
    (void)co_await Settle(mail, result);
  }
  --sending_;
  wakeup_.Notify();
  if (stopping_) stopped_.Notify();
}

// On a helper thread.
SmtpResult Worker::Send(SmtpClient& client, const LeasedMail& mail) const {
  if (mail.suppressed) return Refused(kSuppressedDetail);
  const auto composed = composer_.Compose(mail);
  if (!composed.ok()) return Refused(kUnwritableDetail);
  return client.Send(composed->sender, composed->recipient, composed->mime);
}

async::Task<absl::Status> Worker::Settle(const LeasedMail& mail, const SmtpResult& result) {
  Settlement settlement;
  settlement.organization = mail.organization;
  settlement.id = mail.id;
  settlement.owner = owner_;
  settlement.outcome = result.outcome;
  settlement.code = result.code;
  settlement.detail = result.detail;
  if (IsGreylisted(result)) settlement.least_delay = kGreylistDelay;
  CO_TRY(const bool settled, co_await outbox_.Settle(Soon(), std::move(settlement)));
  (void)settled;
  co_return absl::OkStatus();
}

async::Task<absl::Status> Worker::ReportQueue() {
  CO_TRY(const QueueFigures figures, co_await outbox_.Figures(Soon()));
  observer_.Queue(figures.depth, figures.oldest);
  co_return absl::OkStatus();
}

}  // namespace usher::mail
