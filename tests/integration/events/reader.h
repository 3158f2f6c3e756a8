#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "events/follower.h"
#include "events/watch.h"
#include "tests/support/matchers.h"
#include "tests/support/session.h"
#include "tests/support/world.h"

namespace usher::test {

constexpr size_t kRoomy = size_t{16} << 20;

// A stream without its wire.
struct Reader {
  Reader(World& world, events::Events& log, events::Feed& feed, model::Call call,
         events::WatchQuery query)
      : lane(world.lane),
        wakeup(world.lane),
        subscription(feed, wakeup),
        watch(log, feed, world.lane, std::move(call), std::move(query)) {}

  std::vector<std::string> Types() const {
    std::vector<std::string> types;
    for (const events::Event& event : got) types.push_back(event.type);
    return types;
  }
  std::vector<std::string> Positions() const {
    std::vector<std::string> positions;
    for (const events::Event& event : got) positions.push_back(event.position.ToString());
    return positions;
  }

  async::Lane& lane;
  async::Wakeup wakeup;
  events::Feed::Subscription subscription;
  events::Watch watch;
  std::vector<events::Event> got;
};

// Reads until `done` says so; what ends the stream is the answer.
inline async::Task<absl::Status> ReadUntil(Reader* reader,
                                           std::function<bool(const Reader&)> done) {
  while (!done(*reader)) {
    auto next = co_await reader->watch.Next();
    if (!next.ok()) co_return next.status();
    for (events::Event& event : *next) reader->got.push_back(std::move(event));
    const async::Instant soon = reader->lane.now() + std::chrono::milliseconds(50);
    if (!reader->watch.behind()) co_await reader->wakeup.Until(soon);
  }
  co_return absl::OkStatus();
}

class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    follower.AddReader(world.lane, [this](const auto& slice) { feed.Add(slice); });
    follower.AddReader(world.lane, [this](const auto& slice) { small.Add(slice); });
    follower.Start();
  }
  ~WatchTest() override { (void)world.Wait(follower.Stop()); }

  events::WatchQuery OfAcme(std::optional<events::Position> after = std::nullopt) const {
    events::WatchQuery query;
    query.scope.organization = world.acme;
    query.after = after;
    return query;
  }
  std::unique_ptr<Reader> Open(std::optional<model::UserId> caller, events::WatchQuery query) {
    return std::make_unique<Reader>(world, log, feed, world.CallBy(caller), std::move(query));
  }
  absl::Status Start(Reader& reader) { return world.Wait(reader.watch.Start()); }
  // Until it has got so many.
  absl::Status Read(Reader& reader, size_t count) {
    return world.Wait(
        ReadUntil(&reader, [count](const Reader& r) { return r.got.size() >= count; }));
  }
  // Until it has caught up with all that is committed and reads what comes. What it got so far is
  // forgotten.
  absl::Status ReadUntilLive(Reader& reader) {
    const events::Position last = *events::Position::Parse(StoredPositions().back());
    auto status = world.Wait(ReadUntil(
        &reader, [last](const Reader& r) { return r.watch.live() && r.watch.position() >= last; }));
    reader.got.clear();
    return status;
  }
  std::vector<std::string> StoredPositions() {
    return world.database.Query(
        absl::StrCat("SELECT xact || '.' || sequence FROM usher.events WHERE organization_id = '",
                     model::FormatUuid(world.acme.uuid()), "' ORDER BY xact, sequence"));
  }
  void WriteEvent(Session& session, const std::string& type) {
    session.Run(absl::StrCat(
        "INSERT INTO usher.events (organization_id, type, subject_id, origin, create_time) VALUES "
        "('",
        model::FormatUuid(world.acme.uuid()), "', '", type, "', gen_random_uuid(), '{}', now())"));
  }

  World world;
  events::Events log{world.db};
  events::Feed feed{kRoomy, [this](int change) { follower.Want(change); }};
  events::Feed small{2000};
  events::FollowerObserver observer;
  events::Follower follower{world.lane, world.db, {}, observer};
};

}  // namespace usher::test
