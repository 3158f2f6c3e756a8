#include "events/watch.h"

#include <algorithm>
#include <utility>

#include "async/try.h"
#include "model/refusal.h"

namespace usher::events {
namespace {

using absl::StatusCode;

constexpr std::chrono::seconds kStatementTime{10};

absl::Status TooOld() {
  return model::Refuse(StatusCode::kOutOfRange, model::Reason::kEventPositionTooOld,
                       "Events after this position are no longer all kept.");
}

absl::Status TooSlow() {
  return absl::ResourceExhaustedError("The stream is read too slowly; continue from its position.");
}

absl::Status NoSuchPosition() {
  model::Violations violations;
  violations.Add("after_position", "is the position of no change");
  return violations.ToStatus();
}

}  // namespace

Watch::Watch(Events& events, Feed& feed, async::Lane& lane, model::Call call, WatchQuery query,
             WatchOptions options)
    : events_(events),
      feed_(feed),
      lane_(lane),
      call_(std::move(call)),
      query_(std::move(query)),
      options_(options) {}

async::Task<absl::Status> Watch::Start() {
  call_.deadline = lane_.now() + kStatementTime;
  CO_TRY(const Horizon horizon, co_await events_.Authorize(call_, query_.scope));
  last_check_ = lane_.now();
  next_check_ = last_check_ + options_.recheck;
  position_ = query_.after.value_or(horizon.settled);
  time_ = horizon.time;
  co_return CheckPosition(horizon);
}

absl::Status Watch::CheckPosition(const Horizon& horizon) const {
  if (position_.xact == 0) return absl::OkStatus();  // The oldest that is kept.
  if (position_.xact >= horizon.next_xact) return NoSuchPosition();
  return position_ < horizon.purged ? TooOld() : absl::OkStatus();
}

bool Watch::behind() const {
  if (live_) return feed_.After(position_) != nullptr;
  return more_ || feed_.begin().has_value();
}

async::Task<absl::StatusOr<std::vector<Event>>> Watch::Next() {
  if (lane_.now() >= next_check_) CO_CHECK(co_await Authorize());
  // It began anew, which is no fault of the reader's.
  if (live_ != feed_.beginnings()) live_.reset();
  const auto begin = feed_.begin();
  if (begin && position_ >= *begin) {
    live_ = feed_.beginnings();
    co_return co_await ReadFeed();
  }
  if (live_) co_return TooSlow();
  co_return co_await ReadStored();
}

async::Task<absl::StatusOr<std::vector<Event>>> Watch::ReadStored() {
  call_.deadline = lane_.now() + kStatementTime;
  CO_TRY(auto stored,
         co_await events_.ReadAfter(call_, query_.scope, query_.filter, position_, options_.page));
  // Purging may have overtaken it since.
  if (position_.xact != 0 && position_ < stored.horizon.purged) co_return TooOld();
  last_check_ = lane_.now();
  next_check_ = last_check_ + options_.recheck;
  time_ = stored.horizon.time;
  position_ = std::max(position_, stored.upto);
  more_ = std::cmp_equal(stored.events.size(), options_.page);
  co_return std::move(stored.events);
}

async::Task<absl::StatusOr<std::vector<Event>>> Watch::ReadFeed() {
  std::vector<Event> next;
  const auto slice = feed_.After(position_);
  if (slice == nullptr) co_return next;
  for (const Event& event : slice->events) {
    if (event.position <= position_) continue;
    if (MayEndRight(event)) {
      // What was before it is the reader's in any case.
      if (!next.empty()) co_return next;
      CO_CHECK(co_await Authorize());
    }
    if (InScope(event) && query_.filter.Matches(event)) next.push_back(event);
    position_ = event.position;
    if (IsEndOfOrganization(event)) {
      next_check_ = lane_.now();
      co_return next;
    }
  }
  position_ = std::max(position_, slice->upto);
  co_return next;
}

async::Task<absl::Status> Watch::Authorize() {
  call_.deadline = lane_.now() + kStatementTime;
  const auto allowed = co_await events_.Authorize(call_, query_.scope);
  const async::Instant now = lane_.now();
  if (allowed.ok()) last_check_ = now;
  next_check_ = now + options_.recheck;
  const bool unknown =
      absl::IsUnavailable(allowed.status()) || absl::IsDeadlineExceeded(allowed.status());
  if (unknown && now - last_check_ < options_.patience) co_return absl::OkStatus();
  co_return allowed.status();
}

// Of the reader's membership, and of the end of what is read. To a service the organization's end
// is the last thing that it is told.
bool Watch::MayEndRight(const Event& event) const {
  if (IsEndOfOrganization(event)) return call_.caller.user.has_value();
  if (!event.user) return false;
  if (event.type == "user.deleted") {
    return event.user == query_.scope.user || event.user == call_.caller.user;
  }
  return query_.scope.organization && event.organization == query_.scope.organization &&
         event.user == call_.caller.user && ThingOf(event.type) == "membership";
}

bool Watch::IsEndOfOrganization(const Event& event) const {
  return event.type == "organization.deleted" && query_.scope.organization &&
         event.organization == query_.scope.organization;
}

bool Watch::InScope(const Event& event) const {
  if (query_.scope.organization) return event.organization == query_.scope.organization;
  return event.user == query_.scope.user;
}

}  // namespace usher::events
