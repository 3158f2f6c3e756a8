#include <algorithm>
#include <utility>

#include "async/try.h"
#include "async/wakeup.h"
#include "mail/deliveries.h"
#include "model/random.h"

namespace usher::mail {
namespace {

// How often a call that waits looks again. Another replica may have queued the mail.
constexpr std::chrono::milliseconds kPoll{500};
// What a call keeps of its time for the answer.
constexpr std::chrono::milliseconds kReserve{1000};

}  // namespace

async::Task<absl::StatusOr<Deliveries::Leases>> Deliveries::Lease(const model::Call& call,
                                                                  const DeliveryClaim& claim,
                                                                  Leases leases) {
  ClaimRequest request;
  request.owner = leases.owner;
  request.lease = claim.lease;
  request.most = claim.most;
  request.after = last_turn_;
  request.only = claim.organization;
  request.dry_run = call.validate_only;
  if (!leases.once) {
    CO_TRY(leases.mails, co_await outbox_.Claim(call.deadline, std::move(request)));
    const auto last =
        std::max_element(leases.mails.begin(), leases.mails.end(),
                         [](const auto& one, const auto& other) { return one.turn < other.turn; });
    if (last != leases.mails.end() && !call.validate_only) last_turn_ = last->organization;
    co_return leases;
  }
  CO_TRY(const auto claimed, co_await outbox_.ClaimOnce(call, std::move(request)));
  if (!claimed) co_return leases;
  leases.once = false;
  leases.repeated = claimed->owner != leases.owner;
  leases.owner = claimed->owner;
  if (!leases.repeated) last_turn_ = claimed->last_turn;
  CO_TRY(leases.mails, co_await outbox_.Claimed(call.deadline, leases.owner));
  co_return leases;
}

async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>> Deliveries::Compose(
    const model::Call& call, std::vector<LeasedMail> leased, model::Uuid owner) {
  std::vector<ClaimedDelivery> deliveries;
  for (LeasedMail& lease : leased) {
    auto composed = composer_.Compose(lease);
    if (lease.wanted && !lease.suppressed && composed.ok()) {
      deliveries.push_back({std::move(lease), owner, *std::move(composed)});
    } else if (!call.validate_only && !lease.wanted) {
      CO_CHECK(co_await outbox_.Withdraw(call.deadline, lease, owner));
    } else if (!call.validate_only) {
      Settlement refused;
      refused.organization = lease.organization;
      refused.id = lease.id;
      refused.owner = owner;
      refused.outcome = SmtpResult::Outcome::kPermanent;
      refused.detail = lease.suppressed ? kSuppressedDetail : kUnwritableDetail;
      CO_TRY(const bool settled, co_await outbox_.Settle(call.deadline, std::move(refused)));
      (void)settled;
    }
  }
  co_return deliveries;
}

async::Task<absl::StatusOr<std::vector<ClaimedDelivery>>> Deliveries::Claim(const model::Call& call,
                                                                            DeliveryClaim claim) {
  Leases leases;
  model::FillRandom(leases.owner);
  leases.once = !call.change_id.empty() && !call.validate_only;
  const auto end =
      std::min(db_.lane().now() + absl::ToChronoMilliseconds(claim.wait), call.deadline - kReserve);
  async::Wakeup pause(db_.lane());
  while (true) {
    CO_TRY(leases, co_await Lease(call, claim, std::move(leases)));
    const bool any = !leases.mails.empty();
    auto mails = std::exchange(leases.mails, {});
    CO_TRY(auto deliveries, co_await Compose(call, std::move(mails), leases.owner));
    if (!deliveries.empty() || leases.repeated) co_return deliveries;
    if (call.validate_only && any) co_return deliveries;
    // What was leased and not wanted is out of the way; there may be more behind it.
    if (any) continue;
    const async::Instant now = db_.lane().now();
    if (now >= end) co_return deliveries;
    (void)co_await pause.Until(std::min(end, now + kPoll));
  }
}

}  // namespace usher::mail
