#include "events/feed.h"

#include <algorithm>

namespace usher::events {

Feed::Subscription::Subscription(Feed& feed, async::Wakeup& wakeup) : feed_(feed), wakeup_(wakeup) {
  feed_.subscribers_.insert(&wakeup_);
  feed_.wanted_(1);
}

Feed::Subscription::~Subscription() {
  feed_.subscribers_.erase(&wakeup_);
  if (feed_.subscribers_.empty()) feed_.Clear();
  feed_.wanted_(-1);
}

size_t Feed::BytesOf(const Slice& slice) {
  size_t bytes = sizeof(Slice);
  for (const Event& event : slice.events) bytes += event.bytes();
  return bytes;
}

void Feed::Clear() {
  slices_.clear();
  bytes_ = 0;
}

void Feed::Add(std::shared_ptr<const Slice> slice) {
  if (subscribers_.empty()) return;
  time_ = slice->time;
  if (!slices_.empty() && slices_.back()->upto != slice->after) Clear();
  const bool first = slices_.empty();
  if (first) ++beginnings_;
  const bool news = first || !slice->events.empty();
  if (!news && slice->upto == slices_.back()->upto) return;
  // Of silence only its end is worth keeping.
  if (!first && slices_.back()->events.empty() && slice->events.empty()) {
    auto longer = std::make_shared<Slice>(*slice);
    longer->after = slices_.back()->after;
    bytes_ -= BytesOf(*slices_.back());
    slices_.pop_back();
    slice = std::move(longer);
  }
  bytes_ += BytesOf(*slice);
  slices_.push_back(std::move(slice));
  // The newest slice stays, however large.
  while (bytes_ > most_bytes_ && slices_.size() > 1) {
    bytes_ -= BytesOf(*slices_.front());
    slices_.pop_front();
  }
  if (!news) return;
  for (async::Wakeup* subscriber : subscribers_) subscriber->Notify();
}

std::optional<Position> Feed::begin() const {
  if (slices_.empty()) return std::nullopt;
  return slices_.front()->after;
}

std::shared_ptr<const Slice> Feed::After(Position position) const {
  const auto ends_before = [](const std::shared_ptr<const Slice>& slice, Position at) {
    return slice->upto <= at;
  };
  const auto found = std::lower_bound(slices_.begin(), slices_.end(), position, ends_before);
  return found == slices_.end() ? nullptr : *found;
}

}  // namespace usher::events
