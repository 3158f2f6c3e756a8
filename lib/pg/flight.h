#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "pg/group.h"

namespace usher::pg {

using Groups = std::vector<std::unique_ptr<Group>>;

// Groups that were sent together, as one transaction.
struct Flight {
  // What the next result on the wire belongs to.
  struct Expected {
    enum class Kind { kPrepare, kControl, kItem } kind;
    const Statement* statement;
    Group* group;  // Whose item it is.
  };

  Groups groups;
  async::Instant sent_at;
  std::deque<Expected> expected;
  int syncs = 0;       // That are still to come before it is answered.
  bool brief = false;  // Runs under the short limits of those who share.
};

}  // namespace usher::pg
