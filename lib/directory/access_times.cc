#include "directory/access_times.h"

#include <utility>

#include "storage/codecs.h"

namespace usher::directory {
namespace {

constexpr std::chrono::hours kRemembered{1};
constexpr size_t kMostRemembered = 100'000;
constexpr std::chrono::seconds kStatementTime{10};

// Rows that somebody is changing are left for the next time.
constexpr pg::Statement kWrite{"directory.note_accesses", R"sql(
  UPDATE usher.users u SET last_access_time = usher.now()
  FROM (
    SELECT id FROM usher.users
    WHERE id = ANY ($1)
      AND (last_access_time IS NULL OR last_access_time <= usher.now() - interval '1 hour')
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) seen
  WHERE u.id = seen.id)sql"};

}  // namespace

void AccessTimes::Note(model::UserId user) {
  const async::Instant now = db_.lane().now();
  if (now >= forget_at_ || noted_.size() >= kMostRemembered) {
    noted_.clear();
    forget_at_ = now + kRemembered;
  }
  if (!noted_.insert(user).second) return;
  pending_.push_back(user);
  if (!writing_) Write();
}

async::Detached AccessTimes::Write() {
  writing_ = true;
  bool going = true;
  while (going && !pending_.empty()) {
    const std::vector<model::UserId> users = std::exchange(pending_, {});
    auto write = pg::Bind(kWrite, users);
    const async::Instant deadline = db_.lane().now() + kStatementTime;
    const auto written = co_await db_.Query(deadline, std::move(write));
    going = written.ok();
  }
  writing_ = false;
}

}  // namespace usher::directory
