#pragma once

#include "events/announcer.h"
#include "events/follower.h"
#include "mail/worker.h"
#include "pg/observer.h"
#include "server/health.h"
#include "server/metrics.h"

namespace usher::server {

// What a lane's pool tells, as metrics and log lines.
class PoolObserver final : public pg::Observer {
 public:
  PoolObserver(int lane, PoolMetrics& metrics, Health& health)
      : lane_(lane), metrics_(metrics), health_(health) {}

  void Answered(const pg::Statement& statement, std::chrono::nanoseconds took) override;
  void Failed(const pg::Statement& statement, const pg::Error& error) override;
  void Retried(std::string_view sqlstate) override;
  void Waited(std::chrono::nanoseconds waited) override;
  void Connected() override;
  void Disconnected(std::string_view reason) override;
  void Available(bool available) override;
  void Loaded(const pg::Load& load) override;

 private:
  int lane_;
  PoolMetrics& metrics_;
  Health& health_;
};

// What the mail worker tells, likewise. Addresses are not logged.
class MailObserver final : public mail::WorkerObserver {
 public:
  explicit MailObserver(Metrics& metrics) : metrics_(metrics) {}

  void Attempted(const mail::LeasedMail& mail, const mail::SmtpResult& result) override;
  void Withdrawn(const mail::LeasedMail& mail) override;
  void Queue(int64_t depth, absl::Duration oldest) override;

 private:
  Metrics& metrics_;
};

// What the follower of the log tells, likewise.
class FollowerObserver final : public events::FollowerObserver {
 public:
  explicit FollowerObserver(EventMetrics& metrics) : metrics_(metrics) {}

  void Followed(size_t events, absl::Duration oldest) override;

 private:
  EventMetrics& metrics_;
};

// What the announcer tells, likewise.
class AnnouncerObserver final : public events::AnnouncerObserver {
 public:
  explicit AnnouncerObserver(EventMetrics& metrics) : metrics_(metrics) {}

  void Announced(std::string_view type, int64_t events) override;
  void Purged(std::string_view table, int64_t rows) override;
  void Failed() override;

 private:
  EventMetrics& metrics_;
};

}  // namespace usher::server
