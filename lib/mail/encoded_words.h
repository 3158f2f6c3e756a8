#pragma once

#include <string>
#include <string_view>

namespace usher::mail {

// GMime quotes and encodes what needs it, but writes two things so that readers see something
// else: text that looks like an encoded word ("=?utf-8?q?Eve?="), and runs of spaces. Such text
// comes back as encoded words (RFC 2047), which GMime leaves alone; any other as it is.
std::string EncodeWhereMisread(std::string_view text);

}  // namespace usher::mail
