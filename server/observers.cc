#include "server/observers.h"

#include "pg/errors.h"
#include "server/log.h"

namespace usher::server {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string_view OutcomeName(mail::SmtpResult::Outcome outcome) {
  switch (outcome) {
    case mail::SmtpResult::Outcome::kSent:
      return "sent";
    case mail::SmtpResult::Outcome::kTemporary:
      return "temporary";
    case mail::SmtpResult::Outcome::kPermanent:
      return "permanent";
    case mail::SmtpResult::Outcome::kAmbiguous:
      return "ambiguous";
  }
  return "";
}

}  // namespace

void PoolObserver::Answered(const pg::Statement& statement, std::chrono::nanoseconds took) {
  metrics_.Statement(statement.name, Seconds(took));
}

void PoolObserver::Failed(const pg::Statement& statement, const pg::Error& error) {
  metrics_.Failed(error.sqlstate);
  Log(pg::IsSerializationTrouble(error.sqlstate) ? Level::kDebug : Level::kWarning,
      "statement failed",
      {{"statement", statement.name},
       {"sqlstate", error.sqlstate},
       {"constraint", error.constraint},
       {"text", error.message}});
}

void PoolObserver::Retried(std::string_view sqlstate) { metrics_.Retried(sqlstate); }
void PoolObserver::Waited(std::chrono::nanoseconds waited) { metrics_.Waited(Seconds(waited)); }
void PoolObserver::Connected() { metrics_.Connected(); }

void PoolObserver::Disconnected(std::string_view reason) {
  metrics_.Disconnected();
  Log(Level::kWarning, "no database connection", {{"text", reason}});
}

void PoolObserver::Available(bool available) { health_.DatabaseAvailable(available); }

void PoolObserver::Loaded(const pg::Load& load) {
  metrics_.SetLoad(lane_, load.connections, load.in_flight, load.waiting);
}

void MailObserver::Attempted(const mail::LeasedMail& mail, const mail::SmtpResult& result) {
  metrics_.MailAttempt(OutcomeName(result.outcome));
  const bool sent = result.outcome == mail::SmtpResult::Outcome::kSent;
  Log(sent ? Level::kInfo : Level::kWarning, "mail attempted",
      {{"outcome", OutcomeName(result.outcome)},
       {"smtp_code", result.code},
       {"detail", result.detail},
       {"organization", mail.organization.ToString()},
       {"delivery", mail.id.ToString()},
       {"attempt", mail.attempt},
       {"trace", mail.traceparent}});
}

void MailObserver::Withdrawn(const mail::LeasedMail& mail) {
  metrics_.MailAttempt("withdrawn");
  Log(Level::kInfo, "mail withdrawn",
      {{"organization", mail.organization.ToString()},
       {"delivery", mail.id.ToString()},
       {"trace", mail.traceparent}});
}

void MailObserver::Queue(int64_t depth, absl::Duration oldest) {
  metrics_.MailQueue(static_cast<double>(depth), absl::ToDoubleSeconds(oldest));
}

void FollowerObserver::Followed(size_t events, absl::Duration oldest) {
  metrics_.Followed(events, absl::ToDoubleSeconds(oldest));
}

void AnnouncerObserver::Announced(std::string_view type, int64_t events) {
  metrics_.Announced(type, static_cast<double>(events));
}

void AnnouncerObserver::Purged(std::string_view table, int64_t rows) {
  metrics_.Purged(table, static_cast<double>(rows));
  if (rows > 0) Log(Level::kInfo, "purged", {{"table", table}, {"rows", rows}});
}

void AnnouncerObserver::Failed() { metrics_.AnnouncerFailed(); }

}  // namespace usher::server
