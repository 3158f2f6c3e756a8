#include "mail/worker.h"

#include <algorithm>
#include <utility>

#include "async/try.h"
#include "mail/link.h"
#include "model/email.h"
#include "model/person_name.h"
#include "model/role.h"
#include "storage/codecs.h"

namespace usher::mail {
namespace {

using Outcome = SmtpResult::Outcome;

// Longer than the longest SMTP exchange.
constexpr absl::Duration kLease = absl::Minutes(2);
constexpr absl::Duration kAmbiguousDelay = absl::Minutes(10);
constexpr absl::Duration kLastTry = absl::Hours(72);
constexpr std::chrono::seconds kStatementTime{10};

constexpr pg::Statement kClaim{"mail.claim", R"sql(
  WITH due AS (
    SELECT organization_id, id FROM usher.mails
    WHERE state = 1 AND next_attempt_time <= usher.now()
      AND (lease_until IS NULL OR lease_until <= usher.now())
    ORDER BY next_attempt_time LIMIT $1 FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE usher.mails m
    SET lease_owner = $2, lease_until = usher.now() + $3, attempts = m.attempts + 1,
        update_time = usher.now()
    FROM due WHERE m.organization_id = due.organization_id AND m.id = due.id
    RETURNING m.organization_id, m.id, m.invitation_id, m.generation, m.attempts, m.create_time
  )
  SELECT c.organization_id, c.id, c.attempts,
         i.open AND i.state = 1 AND i.expire_time > usher.now() AND i.generation = c.generation,
         c.invitation_id, c.generation, c.create_time, i.email, o.name,
         coalesce(trim(inviter.first_name || ' ' || inviter.last_name), ''), i.first_name,
         i.last_name, i.role, i.site_access = 1,
         ARRAY(SELECT g.name FROM usher.site_groups g
               WHERE g.organization_id = i.organization_id AND g.id = ANY (i.site_group_ids)
               ORDER BY g.name_key),
         ARRAY(SELECT s.name FROM usher.sites s
               WHERE s.organization_id = i.organization_id AND s.id = ANY (i.site_ids)
               ORDER BY s.name_key),
         i.expire_time, i.note,
         CASE WHEN i.locale <> '' THEN i.locale ELSE o.default_locale END
  FROM claimed c
  JOIN usher.invitations i ON i.organization_id = c.organization_id AND i.id = c.invitation_id
  JOIN usher.organizations o ON o.id = c.organization_id
  LEFT JOIN usher.users inviter ON inviter.id = i.invited_by)sql"};

// Only the lease's owner settles, and only the newest mail shows on its invitation.
constexpr pg::Statement kSettle{"mail.settle", R"sql(
  WITH mail AS (
    UPDATE usher.mails m
    SET state = $4, code = $5, detail = $6, next_attempt_time = usher.now() + $7,
        lease_owner = NULL, lease_until = NULL, update_time = usher.now()
    WHERE m.organization_id = $1 AND m.id = $2 AND m.lease_owner = $3 AND m.state = 1
    RETURNING m.invitation_id, m.generation, m.attempts, m.state
  )
  UPDATE usher.invitations i
  SET delivery = CASE mail.state WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 4 END, delivery_code = $5,
      delivery_detail = $6, delivery_attempts = mail.attempts,
      sent_time = CASE mail.state WHEN 2 THEN usher.now() ELSE i.sent_time END
  FROM mail
  WHERE i.organization_id = $1 AND i.id = mail.invitation_id AND i.generation = mail.generation)sql"};

constexpr pg::Statement kWithdraw{"mail.withdraw", R"sql(
  UPDATE usher.mails
  SET state = 4, lease_owner = NULL, lease_until = NULL, update_time = usher.now()
  WHERE organization_id = $1 AND id = $2 AND lease_owner = $3 AND state = 1)sql"};

constexpr pg::Statement kQueue{"mail.queue", R"sql(
  SELECT count(*), coalesce(usher.now() - min(next_attempt_time), '0')
  FROM usher.mails WHERE state = 1)sql",
                               /*read_only=*/true};

// How long to wait after a temporary failure.
absl::Duration RetryDelay(int attempts) {
  constexpr int kMinutes[] = {1, 5, 15, 30};
  const auto index = static_cast<size_t>(std::max(attempts, 1) - 1);
  return index < std::size(kMinutes) ? absl::Minutes(kMinutes[index]) : absl::Hours(1);
}

std::string DomainOf(const std::string& address) { return address.substr(address.rfind('@') + 1); }

}  // namespace

Worker::Worker(async::Lane& lane, pg::Pool& db, async::Helpers& helpers,
               const model::TokenKeys& keys, InvitationTemplates templates, WorkerOptions options,
               WorkerObserver& observer)
    : lane_(lane),
      db_(db),
      helpers_(helpers),
      keys_(keys),
      templates_(std::move(templates)),
      options_(std::move(options)),
      observer_(observer),
      owner_(model::UuidV7Source().Next()),
      wakeup_(lane),
      stopped_(lane) {
  for (int i = 0; i < options_.parallel; ++i) {
    idle_clients_.push_back(std::make_unique<SmtpClient>(options_.smtp));
  }
}

async::Instant Worker::Soon() const { return lane_.now() + kStatementTime; }

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
    const int room = options_.parallel - sending_;
    int claimed = 0;
    if (room > 0) {
      auto due = co_await Claim(room);
      if (due.ok()) {
        claimed = static_cast<int>(due->size());
        for (Due& one : *due) Deliver(std::move(one));
      }
    }
    if (lane_.now() >= next_report) {
      (void)co_await ReportQueue();
      next_report = lane_.now() + std::chrono::seconds(10);
    }
    // A full claim says that more may be waiting; otherwise wait for a hint or for time to pass.
    if (claimed == 0 || claimed < room) co_await wakeup_.Until(lane_.now() + options_.poll);
  }
  running_ = false;
  stopped_.Notify();
}

async::Task<absl::StatusOr<std::vector<Worker::Due>>> Worker::Claim(int most) {
  auto claim = pg::Bind(kClaim, int64_t{most}, owner_, kLease);
  CO_TRY(const pg::Rows rows, co_await db_.Query(Soon(), std::move(claim)));
  std::vector<Due> claimed;
  for (const pg::Row row : rows) {
    Due due;
    InvitationMail& mail = due.mail;
    int32_t generation = 0;
    model::Role role{};
    std::string last_name;
    row.ReadFrom(0, due.organization, due.id, due.attempts, due.wanted, due.claims.invitation,
                 generation, due.create_time, due.recipient, mail.organization_name,
                 mail.inviter_name, mail.first_name, last_name, role, mail.all_sites,
                 mail.site_group_names, mail.site_names, mail.expire_time, mail.note, mail.locale);
    due.claims.organization = due.organization;
    due.claims.generation = static_cast<uint32_t>(generation);
    mail.display_name = model::DisplayName(mail.first_name, last_name);
    mail.email = due.recipient;
    mail.role_name = model::DisplayName(role);
    claimed.push_back(std::move(due));
  }
  co_return claimed;
}

async::Detached Worker::Deliver(Due due) {
  ++sending_;
  if (due.wanted) {
    std::unique_ptr<SmtpClient> client = std::move(idle_clients_.back());
    idle_clients_.pop_back();
    auto send = [this, &client, &due] { return Send(*client, due); };
    const SmtpResult result = co_await helpers_.Run(lane_, send);
    idle_clients_.push_back(std::move(client));
    observer_.Attempted(result);
    // When it cannot be settled the lease runs out, and the mail goes again with its Message-ID.
    (void)co_await Settle(due, result);
  } else {
    observer_.Withdrawn();
    (void)co_await Withdraw(due);
  }
  --sending_;
  wakeup_.Notify();
  if (stopping_) stopped_.Notify();
}

// On a helper thread.
SmtpResult Worker::Send(SmtpClient& client, Due& due) const {
  const auto email = model::Email::Parse(due.recipient);
  if (!email.ok()) return {Outcome::kPermanent, 0, "the address is not valid"};
  due.mail.accept_uri = AcceptUri(options_.accept_uri_template, model::Derive(keys_, due.claims));
  auto rendered = templates_.Render(due.mail);
  if (!rendered.ok()) return {Outcome::kPermanent, 0, "the mail cannot be rendered"};

  Message message;
  message.from = options_.from;
  message.reply_to = options_.reply_to;
  message.to = {due.mail.display_name, email->address()};
  message.subject = std::move(rendered->subject);
  message.text = std::move(rendered->text);
  message.html = std::move(rendered->html);
  // Fixed for a row, so that a copy sent after an unknown outcome is recognizable.
  message.message_id =
      MessageId(due.id.ToString(), due.claims.generation, DomainOf(options_.from.address));
  message.date = due.create_time;
  const auto text = Render(message);
  if (!text.ok()) return {Outcome::kPermanent, 0, "the mail cannot be rendered"};
  return client.Send(options_.from.address, email->address(), *text);
}

async::Task<absl::Status> Worker::Settle(const Due& due, const SmtpResult& result) {
  constexpr int16_t kQueued = 1;
  constexpr int16_t kSent = 2;
  constexpr int16_t kFailed = 3;
  int16_t state = kQueued;
  absl::Duration delay = RetryDelay(due.attempts);
  if (result.outcome == Outcome::kAmbiguous) delay = std::max(delay, kAmbiguousDelay);
  if (result.outcome == Outcome::kSent) state = kSent;
  if (result.outcome == Outcome::kPermanent) state = kFailed;
  // Attempts grow hourly, so this many are past the last one worth making.
  if (state == kQueued && due.attempts > absl::ToInt64Hours(kLastTry)) state = kFailed;
  auto settle = pg::Bind(kSettle, due.organization, due.id, owner_, state, int32_t{result.code},
                         result.detail, delay);
  CO_TRY(const pg::Rows rows, co_await db_.Query(Soon(), std::move(settle)));
  co_return absl::OkStatus();
}

async::Task<absl::Status> Worker::Withdraw(const Due& due) {
  auto withdraw = pg::Bind(kWithdraw, due.organization, due.id, owner_);
  CO_TRY(const pg::Rows rows, co_await db_.Query(Soon(), std::move(withdraw)));
  co_return absl::OkStatus();
}

async::Task<absl::Status> Worker::ReportQueue() {
  auto ask = pg::Bind(kQueue);
  CO_TRY(const pg::Rows rows, co_await db_.Query(Soon(), std::move(ask)));
  observer_.Queue(rows[0].Get<int64_t>(0), rows[0].Get<absl::Duration>(1));
  co_return absl::OkStatus();
}

}  // namespace usher::mail
