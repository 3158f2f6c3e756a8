#include "server/stream.h"

namespace usher::server {
namespace {

constexpr std::chrono::seconds kFinishTime{30};

}  // namespace

async::Task<StreamBase::Sent> StreamBase::Written(async::Instant until) {
  while (writing_ && !over_ && !draining_) {
    const bool notified = co_await wakeup_.Until(until);
    if (!notified && writing_) co_return Sent::kSlow;
  }
  co_return over_ || draining_ ? Sent::kEnding : Sent::kTaken;
}

void StreamBase::BeginFinish() {
  if (!writing_) return;
  cut_off_.Arm(lane_.now() + kFinishTime, [this] { server_context_.TryCancel(); });
}

void StreamBase::OnWritten(bool ok) {
  writing_ = false;
  if (!ok) over_ = true;
  wakeup_.Notify();
  FreeIfLast();
}

void StreamBase::OnDone(bool) {
  done_came_ = true;
  over_ = true;
  wakeup_.Notify();
  FreeIfLast();
}

void StreamBase::Finished() {
  finish_came_ = true;
  FreeIfLast();
}

void StreamBase::FreeIfLast() {
  if (finish_came_ && done_came_ && !writing_) delete this;
}

}  // namespace usher::server
