#pragma once

#include <optional>
#include <string>

#include "model/caller.h"

// The organization of events about users as such, which belong to none.
#define USHER_NO_ORGANIZATION "'00000000-0000-0000-0000-000000000000'::uuid"

namespace usher::storage {

// Who made a change and through what, as the JSON of events.origin: the service that called (if
// one did), its request id and its address. The user, if any, has a column of their own.
std::string Origin(const model::Call& call);

}  // namespace usher::storage
