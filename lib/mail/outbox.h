#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "mail/invitation_mail.h"
#include "mail/smtp.h"
#include "model/caller.h"
#include "model/ids.h"
#include "model/token.h"
#include "pg/pool.h"

namespace usher::mail {

// Why a mail is not sent that never will be.
inline constexpr char kSuppressedDetail[] = "the address is not written to any more";
inline constexpr char kUnwritableDetail[] = "the mail cannot be written";

// A mail that somebody leased, with what it says.
struct LeasedMail {
  model::OrganizationId organization;
  model::MailId id;
  int32_t attempt = 0;  // From 1.
  absl::Time lease_until;
  // Whether it is still to be sent: its invitation is pending and has no newer mail.
  bool wanted = false;
  // Whether its address is not written to any more.
  bool suppressed = false;
  model::TokenClaims claims;
  absl::Time create_time;
  std::string recipient;  // As typed.
  std::string traceparent;
  InvitationMail mail;  // All but the link.
  int32_t turn = 0;     // Organizations have turns; see ClaimRequest::after.
};

struct ClaimRequest {
  model::Uuid owner{};
  absl::Duration lease;
  int most = 1;
  // Organizations have turns in the order of their ids: whose turn was the last one.
  model::OrganizationId after;
  std::optional<model::OrganizationId> only;
  bool dry_run = false;  // Tells what would be claimed.
};

// Who has what was claimed under a change id.
struct ClaimedOnce {
  model::Uuid owner{};
  model::OrganizationId last_turn;
};

struct Settlement {
  model::OrganizationId organization;
  model::MailId id;
  model::Uuid owner{};
  SmtpResult::Outcome outcome = SmtpResult::Outcome::kTemporary;
  int code = 0;
  std::string detail;
  absl::Duration least_delay;  // To the next attempt.
  std::string origin = "{}";   // Of the event, as storage::Origin; the system's own unless given.
};

struct QueueFigures {
  int64_t depth = 0;
  absl::Duration oldest;  // For how long the oldest has been due.
};

// The table of outgoing mails, usher.mails, from the senders' side. Remembers nothing itself.
//
// A mail is claimed with owner and lease in one statement, so that no two senders have the same
// row; one whose lease is over can be claimed by another. Organizations have turns, so that the
// ten thousand mails of one do not hold up the others' few.
class Outbox {
 public:
  explicit Outbox(pg::Pool& db) : db_(db) {}

  async::Task<absl::StatusOr<std::vector<LeasedMail>>> Claim(async::Instant deadline,
                                                             ClaimRequest request);

  // Under the call's change id, as storage::Change makes changes: a repeat claims nothing and gets
  // the owner whom the first call gave. What they have leased, Claimed() tells. Nothing: nothing is
  // due, and nothing was kept.
  async::Task<absl::StatusOr<std::optional<ClaimedOnce>>> ClaimOnce(const model::Call& call,
                                                                    ClaimRequest request);

  // What `owner` has leased and not settled.
  async::Task<absl::StatusOr<std::vector<LeasedMail>>> Claimed(async::Instant deadline,
                                                               model::Uuid owner);

  // What became of an attempt; only the lease's owner settles, else false and nothing happens. A
  // temporary failure is tried again after 1, 5, 15, 30 minutes, then hourly, and is a permanent
  // one when the next attempt would come after 72 hours or after the invitation's expiry; an
  // unknown outcome not before 10 minutes. What ends a mail makes an event.
  async::Task<absl::StatusOr<bool>> Settle(async::Instant deadline, Settlement settlement);
  // The same as a part of a batch.
  static pg::Bound Settling(const Settlement& settlement);

  // Ends a mail that is not wanted any more.
  async::Task<absl::Status> Withdraw(async::Instant deadline, const LeasedMail& mail,
                                     model::Uuid owner);

  // Gives leases back, as if they had not been claimed.
  async::Task<absl::Status> HandBack(async::Instant deadline, const std::vector<LeasedMail>& mails,
                                     model::Uuid owner);

  async::Task<absl::StatusOr<QueueFigures>> Figures(async::Instant deadline);

 private:
  pg::Pool& db_;
};

}  // namespace usher::mail
