#pragma once

#include <cstddef>
#include <cstring>
#include <unordered_set>
#include <vector>

#include "async/task.h"
#include "async/timer.h"
#include "model/ids.h"
#include "pg/pool.h"

namespace usher::directory {

// Keeps users.last_access_time to within an hour, without a write for each access.
//
// Who was noted is remembered for an hour; all are forgotten together, and earlier if they are too
// many. One write runs at a time and takes all that has been noted meanwhile, so that a burst
// becomes a few large ones. A write that fails is given up: the next access after the hour counts.
class AccessTimes {
 public:
  explicit AccessTimes(pg::Pool& db) : db_(db) {}

  // That the user has just called or was asked about. On the pool's lane; never waits.
  void Note(model::UserId user);

 private:
  // The end of a UUIDv7 is random.
  struct Hash {
    size_t operator()(const model::UserId& user) const {
      size_t hash = 0;
      std::memcpy(&hash, user.uuid().data() + 8, sizeof hash);
      return hash;
    }
  };

  async::Detached Write();

  pg::Pool& db_;
  std::unordered_set<model::UserId, Hash> noted_;
  async::Instant forget_at_{};
  std::vector<model::UserId> pending_;
  bool writing_ = false;
};

}  // namespace usher::directory
