#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "mail/compose.h"
#include "mail/outbox.h"
#include "model/caller.h"
#include "model/ids.h"
#include "model/invitation.h"
#include "pg/pool.h"

namespace usher::mail {

struct DeliveryClaim {
  int most = 10;
  absl::Duration lease = absl::Seconds(60);
  absl::Duration wait;
  std::optional<model::OrganizationId> organization;
};

// A mail ready to send, and who has leased it.
struct ClaimedDelivery {
  LeasedMail lease;
  model::Uuid owner{};
  ComposedMail mail;
};

struct DeliverySettlement {
  model::MailId id;
  model::Uuid owner{};
  SmtpResult::Outcome outcome = SmtpResult::Outcome::kTemporary;
  int code = 0;
  std::string detail;
  absl::Duration least_delay;
};

// What was heard of a mail after it was sent, by the numbers of the API and the database.
enum class Report : int16_t { kHardBounce = 1, kSoftBounce, kComplaint };

struct DeliveryReport {
  model::MailId id;
  Report report = Report::kSoftBounce;
  int code = 0;
  std::string detail;
};

// A delivery as its invitation shows it.
struct DeliveryStatus {
  model::DeliveryState state = model::DeliveryState::kNone;
  int32_t code = 0;
  std::string detail;
  int32_t attempts = 0;
  std::optional<absl::Time> sent_time;
  std::optional<absl::Time> next_attempt_time;
  std::string position;
};

// Mails for services that send them, or learn what became of them. Each method is one RPC.
class Deliveries {
 public:
  Deliveries(pg::Pool& db, const Composer& composer) : db_(db), outbox_(db), composer_(composer) {}

  // A repeat of a change id leases nothing more: of what the first call got it gets what is still
  // leased. An answer without mails is not kept. What turns out not to be wanted is ended on the
  // way.
  async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>> Claim(const model::Call& call,
                                                                  DeliveryClaim claim);
  // NOT_FOUND DELIVERY_NOT_FOUND unless the owner has the lease, or was the last to have it.
  async::Task<absl::StatusOr<DeliveryStatus>> Settle(const model::Call& call,
                                                     DeliverySettlement settlement);
  // A hard bounce fails the delivery; it and a complaint suppress the address. NOT_FOUND
  // DELIVERY_NOT_FOUND.
  async::Task<absl::StatusOr<DeliveryStatus>> Report(const model::Call& call,
                                                     DeliveryReport report);

 private:
  struct Leases {
    model::Uuid owner{};
    bool once = false;      // A change id that has no answer yet.
    bool repeated = false;  // A change id that had one.
    std::vector<LeasedMail> mails;
  };

  async::Task<absl::StatusOr<Leases>> Lease(const model::Call& call, const DeliveryClaim& claim,
                                            Leases leases);
  // Keeps what can be sent.
  async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>> Compose(const model::Call& call,
                                                                    std::vector<LeasedMail> leased,
                                                                    model::Uuid owner);
  async::Task<absl::StatusOr<DeliveryStatus>> Change(const model::Call& call, pg::Bound change,
                                                     model::OrganizationId organization,
                                                     model::MailId id,
                                                     std::optional<model::Uuid> owner);
  // Whose mail it is.
  async::Task<absl::StatusOr<model::OrganizationId>> OrganizationOf(const model::Call& call,
                                                                    model::MailId id);

  pg::Pool& db_;
  Outbox outbox_;
  const Composer& composer_;
  model::OrganizationId last_turn_;
};

}  // namespace usher::mail
