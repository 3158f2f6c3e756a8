#pragma once

#include "directory/access_copy.h"
#include "events/feed.h"

namespace usher::server {

// What a slice of the log means for the copy of what access checks need.
directory::LogReading ToLogReading(const events::Slice& slice);

}  // namespace usher::server
