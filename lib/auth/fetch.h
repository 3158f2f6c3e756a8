#pragma once

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace usher::auth {

struct FetchOptions {
  std::string url;      // https, or http of a loopback address.
  std::string ca_file;  // Empty: the system's.
  size_t most_bytes = 256 << 10;
  absl::Duration timeout = absl::Seconds(5);
};

// The body that a GET of the URL answers with; blocks. Only status 200, only within the limits, no
// redirects, the certificate checked. UNAVAILABLE says why not, and gives up when `stopping` turns
// true.
absl::StatusOr<std::string> FetchUrl(const FetchOptions& options,
                                     const std::atomic<bool>& stopping);

// The contents of a file of at most `most_bytes`. UNAVAILABLE if it cannot be had.
absl::StatusOr<std::string> FetchFile(const std::string& path, size_t most_bytes);

// Whether FetchUrl would try it: https, or http of 127.0.0.1, [::1] or localhost.
bool IsFetchable(const std::string& url);

}  // namespace usher::auth
