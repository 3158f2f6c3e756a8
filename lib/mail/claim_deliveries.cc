#include <algorithm>

#include "absl/strings/str_cat.h"
#include "async/try.h"
#include "async/wakeup.h"
#include "mail/deliveries.h"
#include "model/base64.h"
#include "model/digest.h"
#include "model/random.h"

namespace usher::mail {
namespace {

// How often a call that waits looks again. Another replica may have queued the mail.
constexpr std::chrono::milliseconds kPoll{500};
// What a call keeps of its time for the answer.
constexpr std::chrono::milliseconds kReserve{1000};

// Of a call with a change id the same one each time; nobody else can come by it.
model::Uuid OwnerOf(const model::Call& call) {
  model::Uuid owner{};
  if (call.change_id.empty()) {
    model::FillRandom(owner);
    return owner;
  }
  const std::string digest =
      model::Digest(absl::StrCat("lease\n", call.caller.service, "\n", call.change_id.size(), "\n",
                                 call.change_id, call.change_content));
  const std::string bytes = model::FromBase64Url(digest).value_or(digest);
  std::copy_n(bytes.begin(), owner.size(), owner.begin());
  return owner;
}

}  // namespace

async::Task<absl::StatusOr<std::vector<LeasedMail>>> Deliveries::Lease(const model::Call& call,
                                                                       const DeliveryClaim& claim,
                                                                       model::Uuid owner) {
  if (!call.change_id.empty()) {
    CO_TRY(auto earlier, co_await outbox_.Claimed(call.deadline, owner));
    if (!earlier.empty()) co_return earlier;
  }
  ClaimRequest request;
  request.owner = owner;
  request.lease = claim.lease;
  request.most = claim.most;
  request.after = last_turn_;
  request.only = claim.organization;
  request.dry_run = call.validate_only;
  CO_TRY(auto leased, co_await outbox_.Claim(call.deadline, std::move(request)));
  const auto last =
      std::max_element(leased.begin(), leased.end(),
                       [](const auto& one, const auto& other) { return one.turn < other.turn; });
  if (last != leased.end() && !call.validate_only) last_turn_ = last->organization;
  co_return leased;
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
  const model::Uuid owner = OwnerOf(call);
  const auto end =
      std::min(db_.lane().now() + absl::ToChronoMilliseconds(claim.wait), call.deadline - kReserve);
  async::Wakeup pause(db_.lane());
  while (true) {
    CO_TRY(auto leased, co_await Lease(call, claim, owner));
    const bool any = !leased.empty();
    CO_TRY(auto deliveries, co_await Compose(call, std::move(leased), owner));
    if (!deliveries.empty() || (call.validate_only && any)) co_return deliveries;
    // What was leased and not wanted is out of the way; there may be more behind it.
    if (any) continue;
    const async::Instant now = db_.lane().now();
    if (now >= end) co_return deliveries;
    (void)co_await pause.Until(std::min(end, now + kPoll));
  }
}

}  // namespace usher::mail
